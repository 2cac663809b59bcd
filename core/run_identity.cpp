// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/run_identity.hpp>
#include <cairn/storage/run_record.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn {

std::string identity_of(const Layout& layout, std::optional<Step> steps, std::int64_t sweep, const Checksum& start) {
  nlohmann::ordered_json fields = nlohmann::ordered_json::array();
  for (const Field& field : layout.fields())
    fields.push_back({{"name", field.name}, {"type", name_of(field.type)}, {"extents", field.extents}});
  nlohmann::ordered_json identity{{"steps", steps ? nlohmann::ordered_json(*steps) : nullptr},
                                  {"sweep", sweep},
                                  {"start", to_string(start)},
                                  {"fields", fields}};
  std::string text = identity.dump();
  if (text.size() < identity_bytes) return text;
  const std::string listed = fields.dump();
  identity["fields"] = {{"count", layout.fields().size()},
                        {"xxh3", fmt::format("{:016x}", hash_of(std::as_bytes(std::span{listed})))}};
  return identity.dump();
}

}  // namespace cairn
