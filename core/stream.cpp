// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/stream.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace cairn {
namespace {

constexpr std::size_t line_bytes = 64;

#if defined(__SSE2__)
// `to` begins a cache line, `bytes` is a number of lines.
void stream_lines(std::byte* to, const std::byte* from, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; at += line_bytes) {
    const auto* source = reinterpret_cast<const __m128i*>(from + at);
    auto* target = reinterpret_cast<__m128i*>(to + at);
    const __m128i a = _mm_loadu_si128(source);
    const __m128i b = _mm_loadu_si128(source + 1);
    const __m128i c = _mm_loadu_si128(source + 2);
    const __m128i d = _mm_loadu_si128(source + 3);
    _mm_stream_si128(target, a);
    _mm_stream_si128(target + 1, b);
    _mm_stream_si128(target + 2, c);
    _mm_stream_si128(target + 3, d);
  }
  _mm_sfence();  // before another thread is told of it
}

void stream(std::byte* to, const std::byte* from, std::size_t bytes) {
  const std::size_t unaligned = reinterpret_cast<std::uintptr_t>(to) % line_bytes;
  const std::size_t head = std::min(bytes, (line_bytes - unaligned) % line_bytes);
  std::memcpy(to, from, head);
  const std::size_t body = (bytes - head) / line_bytes * line_bytes;
  stream_lines(to + head, from + head, body);
  std::memcpy(to + head + body, from + head + body, bytes - head - body);
}
#else
void stream(std::byte* to, const std::byte* from, std::size_t bytes) {
  std::memcpy(to, from, bytes);
}
#endif

}  // namespace

void stream_bytes(void* to, const void* from, std::size_t bytes) {
  if (bytes > 0) stream(static_cast<std::byte*>(to), static_cast<const std::byte*>(from), bytes);
}

}  // namespace cairn
