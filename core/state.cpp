// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/state.hpp>

#include <cstring>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cairn {

State State::packed(Bytes bytes, std::function<void(std::span<std::byte>)> save,
                    std::function<void(std::span<const std::byte>)> load) {
  State state;
  state.fields_.push_back({.name = "packed", .type = ElementType::uint8, .extents = {bytes.count}});
  state.sources_.push_back({.find = {}, .pack = std::move(save), .unpack = std::move(load), .direct = true});
  return state;
}

State& State::add_array(std::string name, ElementType type, Find find, bool direct, const Extents& extents,
                        Description description) {
  const std::uint64_t elements = find(0).size() / size_of(type);
  Field field{.name = std::move(name),
              .type = type,
              .extents = {},
              .axes = std::move(description.axes),
              .units = std::move(description.units),
              .long_name = std::move(description.long_name),
              .spacing = std::move(description.spacing),
              .origin = std::move(description.origin)};
  for (const Extent& extent : extents) field.extents.push_back(extent.length);
  if (extents.empty()) field.extents = {elements};
  if (field.elements() != elements)
    throw std::invalid_argument{
        fmt::format("field \"{}\": the array has {} elements, the extents {{{}}} multiply to {}", field.name, elements,
                    fmt::join(field.extents, ", "), field.elements())};
  fields_.push_back(std::move(field));
  sources_.push_back({.find = std::move(find), .pack = {}, .unpack = {}, .direct = direct});
  return *this;
}

State& State::add_scalar(std::string name, ElementType type, Find find, Description description) {
  fields_.push_back({.name = std::move(name),
                     .type = type,
                     .extents = {},
                     .axes = {},
                     .units = std::move(description.units),
                     .long_name = std::move(description.long_name),
                     .spacing = {},
                     .origin = {}});
  sources_.push_back({.find = std::move(find), .pack = {}, .unpack = {}, .direct = true});
  return *this;
}

std::span<std::byte> State::bytes_of(std::size_t field, Step step) const {
  const std::span<std::byte> bytes = sources_[field].find(step);
  if (bytes.size() != fields_[field].bytes())
    throw std::logic_error{
        fmt::format("field \"{}\": {} bytes at step {}, but {} when it was added; arrays keep their size",
                    fields_[field].name, bytes.size(), step, fields_[field].bytes())};
  return bytes;
}

// The user's functions run in the caller's thread, and before the threads start on what they found.
void State::copy_out(Step step, const Layout& layout, std::span<std::byte> snapshot, Copier& copier,
                     Copier::Way way) const {
  copier.begin(way);
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const Layout::Place& place = layout.places()[i];
    std::byte* const to = snapshot.data() + place.offset;
    if (!sources_[i].pack) {
      copier.add(to, bytes_of(i, step).data(), place.bytes);
      continue;
    }
    sources_[i].pack(snapshot.subspan(place.offset, place.bytes));
    if (way == Copier::Way::out_summed) copier.add_to_sum(to, place.bytes);
  }
  copier.run();
}

void State::save(Step step, const Layout& layout, std::span<std::byte> snapshot, Copier& copier) const {
  copy_out(step, layout, snapshot, copier, Copier::Way::out);
}

Checksum State::save_and_sum(Step step, const Layout& layout, std::span<std::byte> snapshot, Copier& copier) const {
  copy_out(step, layout, snapshot, copier, Copier::Way::out_summed);
  return copier.sum();
}

void State::save(Step step, const Layout& layout, std::span<std::byte> snapshot) const {
  Copier alone;
  save(step, layout, snapshot, alone);
}

void State::load(Step step, const Layout& layout, std::span<const std::byte> snapshot, Copier& copier) const {
  for (const bool direct : {true, false}) load_those(direct, step, layout, snapshot, copier);
}

void State::load_those(bool direct, Step step, const Layout& layout, std::span<const std::byte> snapshot,
                       Copier& copier) const {
  copier.begin(Copier::Way::in);
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i].direct != direct) continue;
    const Layout::Place& place = layout.places()[i];
    if (sources_[i].unpack)
      sources_[i].unpack(snapshot.subspan(place.offset, place.bytes));
    else
      copier.add(bytes_of(i, step).data(), snapshot.data() + place.offset, place.bytes);
  }
  copier.run();
}

Checksum State::load_and_sum(Step step, const Layout& layout, std::span<const std::byte> snapshot, Copier& copier,
                             const Checksum& expected) const {
  copier.begin(Copier::Way::in_summed);
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const Layout::Place& place = layout.places()[i];
    const std::byte* const from = snapshot.data() + place.offset;
    if (sources_[i].direct && !sources_[i].unpack)
      copier.add(bytes_of(i, step).data(), from, place.bytes);
    else
      copier.add_to_sum(from, place.bytes);
  }
  copier.run();
  const Checksum found = copier.sum();
  if (found != expected) return found;
  for (std::size_t i = 0; i < sources_.size(); ++i)
    if (sources_[i].unpack) sources_[i].unpack(snapshot.subspan(layout.places()[i].offset, layout.places()[i].bytes));
  load_those(false, step, layout, snapshot, copier);
  return found;
}

void State::load(Step step, const Layout& layout, std::span<const std::byte> snapshot) const {
  Copier alone;
  load(step, layout, snapshot, alone);
}

std::vector<Checksum> State::sums(Step step) const {
  std::vector<Checksum> sums;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (!sources_[i].pack) {
      sums.push_back(checksum_of(bytes_of(i, step)));
      continue;
    }
    std::vector<std::byte> packed(fields_[i].bytes());
    sources_[i].pack(packed);
    sums.push_back(checksum_of(packed));
  }
  return sums;
}

Checksum State::sum(Step step) const {
  std::vector<std::span<const std::byte>> fields;
  std::vector<std::byte> packed;  // such a state has one field
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (!sources_[i].pack) {
      fields.emplace_back(bytes_of(i, step));
      continue;
    }
    packed.resize(fields_[i].bytes());
    sources_[i].pack(packed);
    fields.emplace_back(packed);
  }
  return checksum_of(fields);
}

}  // namespace cairn
