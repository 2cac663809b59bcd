// SPDX-License-Identifier: BSD-3-Clause
#include "figure.hpp"

#include "numbers.hpp"
#include <cairn/schedulers/replay.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <variant>

#include <fmt/format.h>

namespace cairn::tool {
namespace {

// What the plan does and when: times in forward steps.
struct Timeline {
  struct Bar {
    Level level;
    Step step;
    double from;
    double to = -1;  // still there: none
  };
  struct Stretch {  // of the live state, or of a turn
    double from, to;
    Step first, last;
  };
  struct Mark {
    double at;
    Step step;
  };
  std::vector<Bar> bars;
  std::vector<Stretch> live;
  std::vector<Stretch> turns;
  std::vector<Mark> takeshots, restores;
  double end = 0;
  PlanCounts counts;
};

class Recorder {
 public:
  explicit Recorder(const Problem& problem) : problem_{problem} {
    for (const auto& stored : problem.stored) open(stored.step, stored.level);
  }
  void operator()(const Advance& advance) {
    pass(static_cast<double>(advance.steps.size()), advance.steps.first, advance.steps.last);
  }
  void operator()(const Takeshot& takeshot) {
    line_.takeshots.push_back({line_.end, takeshot.step});
    open(takeshot.step, takeshot.level);
    pass(shape(takeshot.level).save_cost, takeshot.step, takeshot.step);
  }
  void operator()(const Restore& restore) {
    line_.restores.push_back({line_.end, restore.step});
    pass(shape(restore.level).load_cost, restore.step, restore.step);
  }
  void operator()(const Move& move) {
    close(move.step, move.from);
    line_.takeshots.push_back({line_.end, move.step});
    open(move.step, move.to);
    const double time = shape(move.to).save_cost;
    if (live_) return pass(time, *live_, *live_);  // it waits
    line_.end += time;
  }
  void operator()(const Discard& discard) { close(discard.step, discard.level); }
  void operator()(const Turn& turn) {
    const double from = line_.end;
    line_.end += problem_.turn_cost;
    live_.reset();
    line_.turns.push_back({from, line_.end, turn.step + 1, turn.step});
  }
  Timeline ended(const PlanCounts& counts) {
    for (Timeline::Bar& bar : line_.bars)
      if (bar.to < 0) bar.to = line_.end;
    line_.counts = counts;
    return std::move(line_);
  }

 private:
  void open(Step step, Level level) { line_.bars.push_back({level, step, line_.end}); }
  void close(Step step, Level level) {
    const auto bar = std::find_if(line_.bars.rbegin(), line_.bars.rend(), [&](const Timeline::Bar& each) {
      return each.to < 0 && each.step == step && each.level == level;
    });
    bar->to = line_.end;  // the replay has found the action legal: there is one
  }
  void pass(double time, Step first, Step last) {
    line_.live.push_back({line_.end, line_.end + time, first, last});
    line_.end += time;
    live_ = last;
  }
  const Problem::LevelShape& shape(Level level) const { return problem_.levels[static_cast<std::size_t>(level.rank)]; }
  const Problem& problem_;
  std::optional<Step> live_;
  Timeline line_;
};

Timeline timeline_of(Schedule& schedule, const Problem& problem) {
  const auto slots = slots_of(problem);
  Replay replay = problem.stored.empty() ? Replay{problem.steps, slots} : Replay{problem.steps, slots, problem.stored};
  Recorder recorder{problem};
  while (const auto action = schedule.next()) {
    replay.apply(*action);
    std::visit(recorder, *action);
  }
  if (!replay.finished())
    throw IllegalAction{
        fmt::format("the plan ends after action {} with {} of {} steps to turn", replay.counts().actions.value(),
                    static_cast<std::uint64_t>(problem.steps) - replay.counts().turns.value(), problem.steps)};
  return recorder.ended(replay.counts());
}

constexpr double width_px = 960;
constexpr double left_px = 64;
constexpr double right_px = 936;
constexpr double top_px = 76;
constexpr double under_px = 9;  // between step 0 and the axis
constexpr double row_px = 24;   // of the legend

// From time and step to the page.
class Frame {
 public:
  Frame(double end, Step steps)
      : time_{end > 0 ? end : 1},
        steps_{static_cast<double>(steps)},
        bottom_{top_px + std::clamp(11 * static_cast<double>(steps), 220.0, 440.0)} {}
  double x(double time) const { return left_px + (right_px - left_px) * time / time_; }
  double y(double step) const { return bottom_ - under_px - pitch() * step; }
  double y(Step step) const { return y(static_cast<double>(step)); }
  double time() const { return time_; }
  double steps() const { return steps_; }
  double bottom() const { return bottom_; }
  double pitch() const { return (bottom_ - under_px - top_px) / steps_; }  // pixels a step
  double line() const { return std::clamp(.2 * pitch(), .7, 1.4); }        // the width of the live state
  double bar() const { return std::clamp(.62 * pitch(), 2.2, 8.0); }       // the height of a bar
  double mark() const { return std::clamp(.34 * std::min(pitch(), 2.5 * (right_px - left_px) / time_), .8, 3.4); }

 private:
  double time_, steps_, bottom_;
};

// 1, 2 or 5 times a power of ten: the least that divides `length` into at most `parts`.
double tick_of(double length, double parts) {
  const double power = std::pow(10, std::floor(std::log10(length / parts)));
  for (const double times : {1.0, 2.0, 5.0})
    if (times * power * parts >= length) return times * power;
  return 10 * power;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  return out;
}

// The colours of levels are apart for the colour-blind, and each stands out from white and from near-black.
constexpr std::string_view style = R"(<style>
text{font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;font-size:13px;fill:#333}
.title{font-size:17px;font-weight:600}
.page{fill:#fff;stroke:#d5d5d5}
.grid{stroke:#e8e8e8;stroke-width:1}
.axis{stroke:#777;stroke-width:1;fill:none}
.live{stroke:#333;stroke-width:1.4;fill:none;stroke-linejoin:round;stroke-linecap:round}
.turn{stroke:#d55e00;stroke-width:2.6;fill:none;stroke-linecap:round}
.save{fill:#333}
.load{fill:#fff;stroke:#333;stroke-width:1.2}
.l0{fill:#56b4e9}.l1{fill:#e69f00}.l2{fill:#009e73}.l3{fill:#cc79a7}
.l4{fill:#0072b2}.l5{fill:#b7a800}.l6{fill:#882255}.l7{fill:#999999}
@media (prefers-color-scheme:dark){
text{fill:#ddd}.page{fill:#16191d;stroke:#3a3f45}.grid{stroke:#2a2f35}.axis{stroke:#999}
.live{stroke:#eee}.save{fill:#eee}.load{fill:#16191d;stroke:#eee}}
</style>
)";

class Page {
 public:
  Page(const Timeline& line, const Problem& problem, const std::vector<std::string>& names, Frame frame)
      : line_{line}, problem_{problem}, names_{names}, frame_{frame} {}

  std::string drawn(std::string_view title) {
    const double height = frame_.bottom() + 78 + row_px * static_cast<double>(names_.size());
    put("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" height=\"{1:g}\" "
        "role=\"img\">\n<title>{2}</title>\n{3}"
        "<rect class=\"page\" x=\".5\" y=\".5\" width=\"{4:g}\" height=\"{5:g}\" rx=\"8\"/>\n",
        width_px, height, escaped(title), style, width_px - 1, height - 1);
    text(left_px, 32, "start", escaped(title), "title");
    text(left_px, 54, "start", summary());
    axes();
    bars();
    paths();
    marks();
    legend();
    return svg_ + "</svg>\n";
  }

 private:
  template <typename... Parts>
  void put(fmt::format_string<Parts...> format, Parts&&... parts) {
    fmt::format_to(std::back_inserter(svg_), format, std::forward<Parts>(parts)...);
  }
  void text(double x, double y, std::string_view anchor, std::string_view words, std::string_view kind = "") {
    put("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor,
        kind.empty() ? "" : fmt::format(" class=\"{}\"", kind), words);
  }
  void dot(double x, double y, std::string_view kind, double radius) {
    put("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"/>\n", kind, x, y, radius);
  }

  std::string summary() const {
    return fmt::format("{} advances and {} turns; cost {} forward steps", text_of(line_.counts.advances),
                       text_of(line_.counts.turns), text_of_cost(line_.end));
  }
  void axes() {
    const double bottom = frame_.bottom();
    const double step_tick = std::max(1.0, tick_of(frame_.steps(), 10));
    for (double at = 0; at <= frame_.steps(); at += step_tick) {
      put("<path class=\"grid\" d=\"M{:g} {:.1f}H{:g}\"/>\n", left_px, frame_.y(at), right_px);
      text(left_px - 8, frame_.y(at) + 4.5, "end", fmt::format("{:g}", at));
    }
    const double time_tick = tick_of(frame_.time(), 12);
    for (int i = 0; i * time_tick <= frame_.time() * (1 + 1e-9); ++i) {
      const double x = frame_.x(i * time_tick);
      put("<path class=\"axis\" d=\"M{:.1f} {:.1f}v5\"/>\n", x, bottom);
      text(x, bottom + 19, "middle", fmt::format("{:g}", i * time_tick));
    }
    put("<path class=\"axis\" d=\"M{:g} {:g}V{:g}H{:g}\"/>\n", left_px, top_px, bottom, right_px);
    text((left_px + right_px) / 2, bottom + 38, "middle", "time, in forward steps");
    put("<text transform=\"translate(20 {:.1f}) rotate(-90)\" text-anchor=\"middle\">step</text>\n",
        (top_px + bottom) / 2);
  }
  void bars() {  // slow levels first: where a state is held twice, the fast copy lies before the slow one
    for (std::size_t k = names_.size(); k-- > 0;)
      for (const auto& bar : line_.bars) {
        if (static_cast<std::size_t>(bar.level.rank) != k) continue;
        put("<rect class=\"l{}\" x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\"><title>x_{} at {}, {} to "
            "{}</title></rect>\n",
            k, frame_.x(bar.from), frame_.y(bar.step) - frame_.bar() / 2,
            std::max(frame_.x(bar.to) - frame_.x(bar.from), .5), frame_.bar(), bar.step, escaped(names_[k]),
            text_of_cost(bar.from), text_of_cost(bar.to));
      }
  }
  std::string path(const std::vector<Timeline::Stretch>& stretches) const {
    std::string d;
    const Timeline::Stretch* before = nullptr;
    for (const auto& stretch : stretches) {
      if (!before || before->to != stretch.from || before->last != stretch.first)
        d += fmt::format("M{:.2f} {:.2f}", frame_.x(stretch.from), frame_.y(stretch.first));
      if (stretch.to != stretch.from || stretch.first != stretch.last)
        d += fmt::format("L{:.2f} {:.2f}", frame_.x(stretch.to), frame_.y(stretch.last));
      before = &stretch;
    }
    return d;
  }
  void paths() {
    put("<path class=\"live\" style=\"stroke-width:{:.2f}\" d=\"{}\"/>\n", frame_.line(), path(line_.live));
    put("<path class=\"turn\" style=\"stroke-width:{:.2f}\" d=\"{}\"/>\n", 1.9 * frame_.line(), path(line_.turns));
  }
  void marks() {
    for (const auto& mark : line_.takeshots) dot(frame_.x(mark.at), frame_.y(mark.step), "save", frame_.mark());
    for (const auto& mark : line_.restores) dot(frame_.x(mark.at), frame_.y(mark.step), "load", frame_.mark());
  }
  void legend() {
    double y = frame_.bottom() + 66;
    put("<path class=\"live\" d=\"M{:g} {:g}l28 -10\"/>\n", left_px, y + 1);
    text(left_px + 38, y, "start", "live state: advances climb, storage waits");
    put("<path class=\"turn\" d=\"M{:g} {:g}l14 10\"/>\n", left_px + 350, y - 10);
    text(left_px + 376, y, "start", "turn");
    dot(left_px + 440, y - 4.5, "save", 3.4);
    text(left_px + 452, y, "start", "takeshot, move");
    dot(left_px + 588, y - 4.5, "load", 3.4);
    text(left_px + 600, y, "start", "restore");
    for (std::size_t k = 0; k < names_.size(); ++k) {
      y += row_px;
      put("<rect class=\"l{}\" x=\"{:g}\" y=\"{:g}\" width=\"28\" height=\"8\"/>\n", k, left_px, y - 9);
      text(left_px + 38, y, "start", escaped(names_[k]) + ": " + counts_of(k));
    }
  }
  std::string counts_of(std::size_t k) const {
    const auto& level = line_.counts.levels[k];
    const Slots slots = problem_.levels[k].slots;
    std::string words =
        fmt::format("{} slot{}, at most {} in use; {} takeshots, {} restores", slots, slots == 1 ? "" : "s", level.peak,
                    text_of(level.takeshots), text_of(level.restores));
    if (level.moves > Count{0}) words += fmt::format(", {} moved in", text_of(level.moves));
    return words;
  }

  const Timeline& line_;
  const Problem& problem_;
  const std::vector<std::string>& names_;
  Frame frame_;
  std::string svg_;
};

}  // namespace

std::string figure_of(Schedule& schedule, const Problem& problem, const std::vector<std::string>& level_names,
                      std::string_view title) {
  Step top = problem.steps;
  for (const auto& stored : problem.stored) top = std::max(top, stored.step);
  if (problem.steps < 1) throw std::invalid_argument{"figure: the number of steps is not known; give --steps"};
  if (top > figure_steps)
    throw std::invalid_argument{
        fmt::format("figure: {} steps are too many to draw; give at most {}", top, figure_steps)};
  if (level_names.size() != problem.levels.size())
    throw std::invalid_argument{
        fmt::format("figure: {} names for {} levels; give one each", level_names.size(), problem.levels.size())};
  const Timeline line = timeline_of(schedule, problem);
  return Page{line, problem, level_names, Frame{line.end, top}}.drawn(title);
}

}  // namespace cairn::tool
