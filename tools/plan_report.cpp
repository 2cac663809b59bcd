// SPDX-License-Identifier: BSD-3-Clause
#include "plan_report.hpp"

#include "numbers.hpp"
#include "text_table.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cairn::tool {
namespace {

constexpr double equal_bounds = 1e-9;  // relative

std::string plural(std::int64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string table_of(const PlanQuestion& question, const Answer& answer) {
  const PlanCounts& counts = answer.counted.counts;
  const Problem problem = problem_for(question, answer.kind);
  using enum TextTable::Align;
  TextTable table{
      {{"level", left}, {"slots"}, {"takeshots"}, {"restores"}, {"moves"}, {"peak"}, {"save cost"}, {"load cost"}}};
  for (std::size_t k = 0; k < counts.levels.size(); ++k) {
    const auto& level = counts.levels[k];
    const auto& shape = problem.levels[k];
    table.add({question.names[k], std::to_string(shape.slots), text_of(level.takeshots), text_of(level.restores),
               text_of(level.moves), std::to_string(level.peak), text_of_cost(shape.save_cost),
               text_of_cost(shape.load_cost)});
  }
  return table.text();
}

// Against storing everything, storage free, and against revolve in the slots of level 0 alone.
std::string against_others(const PlanQuestion& question, const Answer& answer) {
  const Problem& problem = question.problem;
  const double cost = answer.counted.cost;
  const auto steps = static_cast<double>(problem.steps);
  const double all_stored = steps - 1 + steps * problem.turn_cost;
  if (std::isinf(cost))
    return fmt::format("The plan costs more than can be counted; storing everything would cost {}.\n",
                       text_of_cost(all_stored));
  const auto times = [&](double other) { return other > 0 ? fmt::format("{:.3g}", cost / other) : "1"; };
  std::string text = fmt::format("The plan costs {} times what storing everything would ({})", times(all_stored),
                                 text_of_cost(all_stored));
  const bool is_alone =
      answer.kind == ScheduleKind::revolve || (answer.kind == ScheduleKind::multistage && problem.levels.size() == 1);
  if (is_alone) return text + fmt::format("; it uses {} alone.\n", question.names[0]);
  if (problem.levels[0].slots == 0) return text + fmt::format("; {} alone has no slot.\n", question.names[0]);
  Problem alone = problem;
  alone.levels.resize(1);
  alone.period.reset();
  const double one_level = count_plan_by_formula(ScheduleKind::revolve, alone).cost;
  return text + fmt::format(",\nand {} times what revolve with the {} of {} alone would ({}).\n", times(one_level),
                            plural(problem.levels[0].slots, "slot"), question.names[0], text_of_cost(one_level));
}

std::string start_of(const PlanQuestion& question) {
  const auto& stored = question.problem.stored;
  std::string text;
  const Step turned = question.problem.steps;
  if (turned < question.steps) text += fmt::format("Steps {} to {} are turned already. ", turned, question.steps - 1);
  text += fmt::format("The plan starts with no live state and {}; the takeshots do not count {}.\n",
                      plural(static_cast<std::int64_t>(stored.size()), "stored snapshot"),
                      stored.size() == 1 ? "it" : "them");
  const auto useless = std::ranges::count_if(stored, [&](const auto& snapshot) { return snapshot.step >= turned; });
  if (useless > 0)
    text += fmt::format("{} of x_{} or later: of no more use, discarded first.\n", plural(useless, "stored snapshot"),
                        turned);
  return text;
}

// "by \"reads\", which is not proved": which argument gives a bound.
std::string argument_of(const MakespanBound& bound) {
  const bool proved = bound.proved >= bound.makespan * (1 - equal_bounds);
  const std::string by = bound.reason == "nothing" ? "nothing is run again" : fmt::format("by \"{}\"", bound.reason);
  return by + (proved ? ", which is proved"
                      : fmt::format(", which is not proved (without copies {:.1f}, proved {:.1f})", bound.makespan,
                                    bound.proved));
}

// "mmap and hdf5 lie on one device, which does one thing at a time."; nothing where each level has its own.
std::string note_on_devices(const PlanQuestion& question) {
  std::map<std::size_t, std::vector<std::string>> together;
  for (std::size_t k = question.in_memory ? 1 : 0; k < question.problem.levels.size(); ++k)
    if (const std::optional<std::size_t>& device = question.problem.levels[k].device)
      together[*device].push_back(question.names[k]);
  std::string text;
  for (const auto& [device, names] : together)
    if (names.size() > 1)
      text += fmt::format("{} lie on one device, which does one thing at a time.\n", fmt::join(names, " and "));
  return text;
}

// How long the plan takes beside storage, and how short it could be; nothing where no makespan is known.
std::string makespan_of(const PlanQuestion& question, const Answer& answer) {
  if (!answer.bound) return {};
  const MakespanBound& bound = *answer.bound;
  const std::string least = fmt::format("bound     {:.1f} forward steps: no plan in these slots takes less, {}\n",
                                        bound.with_copies, argument_of(bound));
  if (!answer.timed.timing) {
    const bool too_long = question.problem.steps > most_simulated_steps;
    return fmt::format("makespan  not known, {}\n",
                       too_long ? fmt::format("for more than {} steps are not simulated", most_simulated_steps)
                                : "for the plan would wait for ever for a buffer") +
           least;
  }
  const Timing& timing = *answer.timed.timing;
  const auto share = [&](double part) { return timing.makespan > 0 ? 100 * part / timing.makespan : 0; };
  return fmt::format(
             "makespan  {:.1f} forward steps when storage works beside the operators, by simulation;\n"
             "          {:.2f} % of it stalls, {:.2f} % copies; {:.4f} times the bound\n",
             timing.makespan, share(timing.stall), share(timing.copy),
             bound.with_copies > 0 ? timing.makespan / bound.with_copies : 1) +
         least + note_on_devices(question);
}

// What is known of the distance to the best plan; nothing where nothing is.
std::string quality_of(const PlanQuestion& question, const Answer& answer) {
  const double gap = answer.counted.gap_bound;
  const bool optimum = is_optimum(question, answer.kind);
  if (gap > 0)
    return fmt::format("The plan is within {:.2g} % of {}.\n", 100 * gap,
                       optimum ? "the optimum" : fmt::format("the best that {} can do", name_of(answer.kind)));
  return optimum && !std::isinf(answer.counted.cost) ? "No plan for these levels costs less.\n" : "";
}

std::string order_of(const PlanQuestion& question, const Counted& counted) {
  if (counted.order.empty()) return {};
  std::vector<std::string> names;
  for (const Level level : counted.order) names.push_back(question.names[static_cast<std::size_t>(level.rank)]);
  return fmt::format("The plan takes the levels in the order {}, by their costs.\n", fmt::join(names, ", "));
}

// Why no makespan is shown where one would look for it.
std::string note_on_copies(const PlanQuestion& question) {
  const std::optional<std::size_t> level = cheaper_than_copies(question);
  if (!level || !question.in_memory || !question.needed.empty() || !question.problem.stored.empty()) return {};
  return fmt::format("No makespan is known: the costs of {0} are copies, those of {1} contain them and yet are less.\n",
                     question.names[0], question.names[*level]);
}

std::string title_of(const PlanQuestion& question) {
  std::string text = fmt::format("for {}", plural(question.steps, "step"));
  if (question.pool) text += fmt::format(", with a pool of {}", plural(*question.pool, "buffer"));
  return text + "\n\n";
}

std::string note_on_runs(const PlanQuestion& question) {
  if (!question.pool || !question.problem.stored.empty()) return {};
  return fmt::format(
      "A run asks for one step more, the user's seed: forward({0}) runs the plan of {1},\n"
      "this one is of forward({2}).\n",
      question.steps, question.steps + 1, question.steps - 1);
}

// ---- the table of every schedule

/// "294 / 210": one number a level, each as wide as the widest of its level.
class LevelCells {
 public:
  explicit LevelCells(std::size_t levels) : widths_(levels) {}
  void add(std::vector<std::string> cells) {
    for (std::size_t k = 0; k < cells.size(); ++k) widths_[k] = std::max(widths_[k], cells[k].size());
    rows_.push_back(std::move(cells));
  }
  std::string text(std::size_t row) const {
    std::string text;
    for (std::size_t k = 0; k < widths_.size(); ++k)
      text += fmt::format("{}{:>{}}", k == 0 ? "" : " / ", rows_[row][k], widths_[k]);
    return text;
  }

 private:
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
};

template <typename Cell>
LevelCells cells_of(const std::vector<Row>& rows, std::size_t levels, Cell cell) {
  LevelCells cells{levels};
  for (const Row& row : rows) {
    if (!row.counted) continue;
    std::vector<std::string> texts;
    for (const auto& level : row.counted->counts.levels) texts.push_back(cell(level));
    cells.add(std::move(texts));
  }
  return cells;
}

void add_makespan(std::vector<std::string>& row, const Row& of, const MakespanBound& bound) {
  const bool known = of.has_makespan();
  const bool ratio = known && bound.with_copies > 0;
  row.push_back(known ? fmt::format("{:.1f}", of.timed.timing->makespan) : "-");
  row.push_back(ratio ? fmt::format("{:.4f}", of.timed.timing->makespan / bound.with_copies) : "-");
}

std::string table_of(const PlanQuestion& question, const Comparison& all) {
  using PerLevel = PlanCounts::PerLevel;
  const std::vector<Row>& rows = all.rows;
  const std::size_t levels = question.names.size();
  const auto takeshots =
      cells_of(rows, levels, [](const PerLevel& level) { return text_of(level.takeshots + level.moves); });
  const auto restores = cells_of(rows, levels, [](const PerLevel& level) { return text_of(level.restores); });
  const auto peaks = cells_of(rows, levels, [](const PerLevel& level) { return std::to_string(level.peak); });
  const std::optional<double> least = least_cost(rows);
  std::vector<TextTable::Column> columns{
      {"schedule", TextTable::Align::left}, {"advances"}, {"takeshots"}, {"restores"}, {"peak"}, {"cost"}, {"ratio"}};
  if (all.timed()) columns.insert(columns.end(), {{"makespan"}, {"to bound"}});
  columns.push_back({"plan s"});
  TextTable table{std::move(columns)};
  for (std::size_t i = 0; i < rows.size() && rows[i].counted; ++i) {
    const Counted& counted = *rows[i].counted;
    const bool ratio = least && *least > 0 && !std::isinf(counted.cost);
    std::vector<std::string> row{std::string{name_of(rows[i].kind)} + (rows[i].possible() ? "" : " (*)"),
                                 text_of(counted.counts.advances),
                                 takeshots.text(i),
                                 restores.text(i),
                                 peaks.text(i),
                                 text_of_cost(counted.cost),
                                 ratio ? fmt::format("{:.4f}", counted.cost / *least) : "-"};
    if (all.timed()) add_makespan(row, rows[i], *all.bound);
    row.push_back(fmt::format("{:.3f}", rows[i].seconds));
    table.add(std::move(row));
  }
  return table.text();
}

std::string makespan_notes(const PlanQuestion& question, const Comparison& all) {
  if (!all.bound) return {};
  if (!all.timed())
    return fmt::format("ranked by cost: more than {} steps are not simulated, and no makespan is known\n",
                       most_simulated_steps);
  std::string text = fmt::format(
      "makespan: forward steps when storage works beside the operators, by simulation; to bound: to {:.1f}, for\n"
      "no plan in these slots takes less, {}\n",
      all.bound->with_copies, argument_of(*all.bound));
  for (const Row& row : all.rows)
    if (row.timed.overlap && question.names.size() > 1)
      text += fmt::format("overlap uses {} of {}, the others leave one to copies; {}\n",
                          question.problem.buffers == 1 ? std::string{"the one buffer"}
                                                        : fmt::format("all {} buffers", question.problem.buffers),
                          question.names[0], row.timed.overlap->text());
  return text + note_on_devices(question);
}

std::string slots_text(const PlanQuestion& question) {
  std::vector<std::string> slots;
  for (const auto& level : question.problem.levels) slots.push_back(std::to_string(level.slots));
  return fmt::format("{} slots ({})", fmt::join(slots, " / "), fmt::join(question.names, " / "));
}

std::string notes_on(const PlanQuestion& question, const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) {
    const std::string_view name = name_of(row.kind);
    if (row.counted && !row.possible())
      text += fmt::format("(*) {}: {}; a run and auto refuse it.\n", name, row.why_not);
    else if (row.counted && row.kind == ScheduleKind::online)
      text += "online plans as if it had not known the number of steps.\n";
    if (row.counted && row.counted->gap_bound > 0)
      text += fmt::format("{} is within {:.2g} % of the best that it can do.\n", name, 100 * row.counted->gap_bound);
  }
  for (const Row& row : rows) {
    if (row.counted || lacks_costs(question, row.kind)) continue;
    const std::string_view name = name_of(row.kind);
    const bool named = row.why_not.starts_with(name);
    text += fmt::format("Not in the table: {}{}.\n", named ? "" : fmt::format("{}: ", name), row.why_not);
  }
  if (!question.needed.empty())
    text += fmt::format(
        "Not in the table: overlap, hrevolve and disk_revolve weigh storage against steps, and need the {}.\n",
        fmt::join(question.needed, ", "));
  return text;
}

}  // namespace

std::string report_of(const PlanQuestion& question, const Answer& answer) {
  const PlanCounts& counts = answer.counted.counts;
  std::string text = fmt::format("{}: the plan {}", name_of(answer.kind), title_of(question));
  text += table_of(question, answer) + '\n';
  text += fmt::format("advances  {}\n", text_of(counts.advances));
  text += fmt::format("turns     {}, each as dear as {} advance{}\n", text_of(counts.turns),
                      text_of_cost(question.problem.turn_cost), question.problem.turn_cost == 1 ? "" : "s");
  text +=
      fmt::format("actions   {}, {} in {:.3f} s\n", text_of(counts.actions),
                  answer.counted.replayed ? "each replayed and found legal" : "counted by formulas", answer.seconds);
  text += fmt::format(
      "cost      {} forward steps: advances, turns, saves (takeshots, x_0's among them, and moves),\n"
      "          loads (restores)\n",
      text_of_cost(answer.counted.cost));
  text += makespan_of(question, answer) + '\n';
  if (answer.timed.overlap) text += fmt::format("Chosen by simulation: {}.\n", answer.timed.overlap->text());
  if (!answer.reason.empty()) text += fmt::format("Chosen by auto: {}.\n", answer.reason);
  if (const std::string too_many = too_many_slots(question, answer.kind, counts); !too_many.empty())
    text += fmt::format("A run and auto refuse this plan: {}.\n", too_many);
  text += order_of(question, answer.counted) + quality_of(question, answer);
  text += question.problem.stored.empty() ? against_others(question, answer) : start_of(question);
  return text + note_on_copies(question) + question.sentence_on_unset() + note_on_runs(question);
}

std::string comparison_of(const PlanQuestion& question, const Comparison& all) {
  std::string text = "Every schedule " + title_of(question) + table_of(question, all) + '\n';
  text += fmt::format("takeshots (with moves), restores and peak: level by level, {}\n", slots_text(question));
  text += "cost: forward steps, of advances, turns, takeshots (x_0's among them) and restores; ratio: to the least\n";
  text += makespan_notes(question, all) + '\n';
  if (all.chosen) text += fmt::format("auto chooses {}.\n", name_of(*all.chosen));
  text += notes_on(question, all.rows);
  if (!question.problem.stored.empty()) text += start_of(question);
  return text + note_on_copies(question) + question.sentence_on_unset() + note_on_runs(question);
}

}  // namespace cairn::tool
