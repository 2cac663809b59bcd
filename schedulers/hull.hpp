// SPDX-License-Identifier: BSD-3-Clause
/// Convex functions of a number of steps, by their vertices.
#pragma once

#include <cairn/schedulers/level_costs.hpp>
#include <cairn/words.hpp>

#include <vector>

namespace cairn {

/// A convex, piecewise linear function on the whole numbers from its first vertex to its last; elsewhere infinite.
/// Slopes rise strictly from vertex to vertex. All arithmetic is exact.
class Hull {
 public:
  struct Vertex {
    Step x;
    Cost y;
    bool operator==(const Vertex&) const = default;
  };
  /// Where a function ends: at the first vertex with x ≥ `steps`, and before a slope above `slope`.
  struct Cut {
    Step steps;
    Cost slope;
  };

  Hull() = default;
  /// The lower convex hull of points in ascending order of x (of equal x any number), as far as the cut.
  Hull(const std::vector<Vertex>& points, Cut cut);

  const std::vector<Vertex>& vertices() const { return vertices_; }
  bool empty() const { return vertices_.empty(); }
  Step last() const { return vertices_.empty() ? 0 : vertices_.back().x; }
  /// The value at x, rounded down; impossible outside. O(log vertices).
  Cost at(Step x) const;
  /// The slope before the last vertex, rounded up; 0 where there is one vertex.
  Cost last_slope() const;
  bool operator==(const Hull&) const = default;

 private:
  std::vector<Vertex> vertices_;
};

/// The lower hull of two functions together.
Hull lower(const Hull& a, const Hull& b, Hull::Cut cut);

/// The min-plus convolution of two convex functions, kept as a merge of their segments by slope:
///   at(x) = raise + min over i + j = x of [ i·tilt + a(i) + b(j) ].
class Merge {
 public:
  Merge() = default;
  Merge(const Hull& a, Cost tilt, const Hull& b, Cost raise, Hull::Cut cut);

  const std::vector<Hull::Vertex>& vertices() const { return sums_; }
  /// The value at x, rounded down; impossible outside.
  Cost at(Step x) const;
  /// The i of a least sum, for an x inside: at a vertex of a, or with x − i at a vertex of b.
  Step part(Step x) const;

 private:
  std::vector<Hull::Vertex> sums_;
  std::vector<Step> parts_;  // i at each vertex
};

}  // namespace cairn
