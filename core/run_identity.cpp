// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/run_identity.hpp>
#include <cairn/storage/run_record.hpp>

#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn {
namespace {

using Json = nlohmann::ordered_json;

/// A list that is too long for the identity.
Json shortened(const Json& list) {
  const std::string text = list.dump();
  return {{"count", list.size()}, {"xxh3", fmt::format("{:016x}", hash_of(std::as_bytes(std::span{text})))}};
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Json member(const Json& of, const std::string& key) {
  const auto found = of.find(key);
  return found == of.end() ? Json(nullptr) : *found;
}

/// Names that only one has, or whose sums differ.
std::string difference_of_dependencies(const Json& found, const Json& mine) {
  if (!found.is_object() || !mine.is_object() || found.contains("count") || mine.contains("count"))
    return found == mine ? "" : "what the run depends on is not the same as then";
  std::set<std::string> names;
  for (const Json* each : {&found, &mine})
    for (const auto& [name, sum] : each->items()) names.insert(name);
  for (const std::string& name : names) {
    if (!mine.contains(name)) return fmt::format("the run depended on \"{}\" then, and does not now", name);
    if (!found.contains(name)) return fmt::format("the run depends on \"{}\" now, and did not then", name);
    if (found[name] != mine[name])
      return fmt::format("\"{}\" is not what it was: checksum {} then, {} now", name, text_of(found[name]),
                         text_of(mine[name]));
  }
  return "";
}

}  // namespace

std::string identity_of(const Layout& layout, const Identity& identity) {
  Json fields = Json::array();
  for (const Field& field : layout.fields())
    fields.push_back({{"name", field.name}, {"type", name_of(field.type)}, {"extents", field.extents}});
  Json depends_on = Json::object();
  for (const auto& [name, sum] : identity.depends_on) depends_on[name] = to_string(sum);
  Json json{{"steps", identity.steps ? Json(*identity.steps) : Json(nullptr)},
            {"sweep", identity.sweep},
            {"start", to_string(identity.start)},
            {"run_id", identity.run_id},
            {"depends_on", depends_on},
            {"fields", fields}};
  if (json.dump().size() >= identity_bytes) json["fields"] = shortened(fields);
  if (json.dump().size() >= identity_bytes) json["depends_on"] = shortened(depends_on);
  return json.dump();
}

std::int64_t sweep_of(std::string_view identity) {
  const Json json = Json::parse(identity, nullptr, false);
  const Json number = json.is_object() ? member(json, "sweep") : Json(nullptr);
  const std::int64_t sweep = number.is_number_integer() ? number.get<std::int64_t>() : 0;
  return sweep > 0 && sweep < limits::steps ? sweep : 0;  // of a damaged file it may be anything, and 1 is added
}

std::string difference(std::string_view found, std::string_view mine) {
  const Json then = Json::parse(found, nullptr, false);
  const Json now = Json::parse(mine);
  if (!then.is_object()) return "what the file says of its run cannot be read";
  if (member(then, "fields") != member(now, "fields")) return "the fields of the state are not the same";
  if (member(then, "steps") != member(now, "steps") && !member(then, "steps").is_null())
    return fmt::format("the run had {} steps, now it has {}", text_of(member(then, "steps")),
                       text_of(member(now, "steps")));
  if (member(then, "run_id") != member(now, "run_id"))
    return fmt::format("run_id was \"{}\", now it is \"{}\"", text_of(member(then, "run_id")),
                       text_of(member(now, "run_id")));
  if (const std::string other = difference_of_dependencies(member(then, "depends_on"), member(now, "depends_on"));
      !other.empty())
    return other;
  if (member(then, "start") != member(now, "start"))
    return fmt::format("x_0 is not what it was: checksum {} then, {} now", text_of(member(then, "start")),
                       text_of(member(now, "start")));
  return "";
}

}  // namespace cairn
