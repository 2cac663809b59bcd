// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/hull.hpp>

#include <algorithm>
#include <cstddef>

namespace cairn {
namespace {

using Vertex = Hull::Vertex;
__extension__ typedef __int128 Wide;

// Is the slope from a to b below that from c to d?
bool is_flatter(const Vertex& a, const Vertex& b, const Vertex& c, const Vertex& d) {
  return static_cast<Wide>(b.y - a.y) * (d.x - c.x) < static_cast<Wide>(d.y - c.y) * (b.x - a.x);
}

bool is_steeper_than(const Vertex& a, const Vertex& b, Cost slope) {
  return static_cast<Wide>(b.y - a.y) > static_cast<Wide>(slope) * (b.x - a.x);
}

Cost floor_quotient(Wide number, Step by) {
  const Wide quotient = number / by;
  return static_cast<Cost>(number % by < 0 ? quotient - 1 : quotient);
}

// On the line from a to b.
Cost between(const Vertex& a, const Vertex& b, Step x) {
  return a.y + floor_quotient(static_cast<Wide>(b.y - a.y) * (x - a.x), b.x - a.x);
}

/// The first vertex beyond x.
auto beyond(const std::vector<Vertex>& vertices, Step x) {
  return std::upper_bound(vertices.begin(), vertices.end(), x, [](Step at, const Vertex& v) { return at < v.x; });
}

Cost value(const std::vector<Vertex>& vertices, Step x) {
  if (vertices.empty() || x < vertices.front().x || x > vertices.back().x) return impossible;
  const auto next = beyond(vertices, x);
  const Vertex& before = *(next - 1);
  return before.x == x ? before.y : between(before, *next, x);
}

}  // namespace

Hull::Hull(const std::vector<Vertex>& points, Cut cut) {
  for (const Vertex& point : points) {
    if (!vertices_.empty() && vertices_.back().x == point.x) {
      if (vertices_.back().y <= point.y) continue;
      vertices_.pop_back();
    }
    while (vertices_.size() >= 2 && !is_flatter(vertices_.end()[-2], vertices_.back(), vertices_.back(), point))
      vertices_.pop_back();
    vertices_.push_back(point);
  }
  std::size_t kept = std::min<std::size_t>(vertices_.size(), 1);
  while (kept < vertices_.size() && vertices_[kept - 1].x < cut.steps &&
         !is_steeper_than(vertices_[kept - 1], vertices_[kept], cut.slope))
    ++kept;
  vertices_.resize(kept);
}

Cost Hull::at(Step x) const {
  return value(vertices_, x);
}

Cost Hull::last_slope() const {
  if (vertices_.size() < 2) return 0;
  const Vertex& a = vertices_.end()[-2];
  const Vertex& b = vertices_.back();
  return -floor_quotient(static_cast<Wide>(a.y - b.y), b.x - a.x);
}

Hull lower(const Hull& a, const Hull& b, Hull::Cut cut) {
  std::vector<Vertex> points;
  points.reserve(a.vertices().size() + b.vertices().size());
  std::merge(a.vertices().begin(), a.vertices().end(), b.vertices().begin(), b.vertices().end(),
             std::back_inserter(points), [](const Vertex& p, const Vertex& q) { return p.x < q.x; });
  return Hull{points, cut};
}

Merge::Merge(const Hull& a, Cost tilt, const Hull& b, Cost raise, Hull::Cut cut) {
  if (a.empty() || b.empty()) return;
  const auto tilted = [&](std::size_t i) {
    return Vertex{a.vertices()[i].x, a.vertices()[i].y + tilt * a.vertices()[i].x};
  };
  std::size_t i = 0;
  std::size_t j = 0;
  const auto sum = [&] {
    const Vertex p = tilted(i);
    const Vertex& q = b.vertices()[j];
    sums_.push_back({p.x + q.x, p.y + q.y + raise});
    parts_.push_back(p.x);
  };
  sums_.reserve(a.vertices().size() + b.vertices().size());
  parts_.reserve(sums_.capacity());
  sum();
  while (sums_.back().x < cut.steps) {
    const bool more_a = i + 1 < a.vertices().size();
    const bool more_b = j + 1 < b.vertices().size();
    if (!more_a && !more_b) break;
    const bool take_a =
        more_a && (!more_b || is_flatter(tilted(i), tilted(i + 1), b.vertices()[j], b.vertices()[j + 1]));
    if (take_a ? is_steeper_than(tilted(i), tilted(i + 1), cut.slope)
               : is_steeper_than(b.vertices()[j], b.vertices()[j + 1], cut.slope))
      break;
    ++(take_a ? i : j);
    sum();
  }
}

Cost Merge::at(Step x) const {
  return value(sums_, x);
}

Step Merge::part(Step x) const {
  const auto next = static_cast<std::size_t>(beyond(sums_, x) - sums_.begin());
  const std::size_t before = next - 1;
  const bool inside_a_segment_of_a = next < sums_.size() && parts_[next] != parts_[before];
  return parts_[before] + (inside_a_segment_of_a ? x - sums_[before].x : 0);
}

}  // namespace cairn
