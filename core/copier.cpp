// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/copier.hpp>
#include <cairn/core/stream.hpp>
#include <cairn/storage/lane_thread.hpp>
#include <cairn/storage/xxh3.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

namespace cairn {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t least_streamed_bytes = std::size_t{1} << 20;  // below, the state stays in the caches
constexpr std::size_t piece_bytes = std::size_t{256} << 10;         // so long the caller may wait for a late thread
constexpr std::size_t least_piece_bytes = std::size_t{16} << 10;    // of a team's copy
constexpr std::size_t page_bytes = 4096;
constexpr int first_tries = 4;  // of each number of threads
constexpr std::uint64_t copies_between_tries = 64;
constexpr double weight_of_the_last = .25;
constexpr double most_of_a_hiccup = 2;    // a copy that is later still counts as so late
constexpr double worth_a_change = .97;    // of the time of the present choice
constexpr int looks_before_sleep = 2000;  // at what others do; some 20 µs

}  // namespace

int copy_threads_here() {
  return threads_are_tied() ? 1 : static_cast<int>(std::max<std::size_t>(1, current_cpus().size()));
}

Copier::Copier(int threads, std::size_t fields, std::size_t bytes) {
  fields_.reserve(fields);
  pieces_.reserve(fields + bytes / piece_bytes);
  sums_.reserve(pieces_.capacity());
  if (bytes < least_shared_bytes) return;
  const bool tied = threads_are_tied();
  const SignalsBlocked blocked;
  const int others = std::clamp(threads, 1, most_threads) - 1;
  for (int i = 0; i < others; ++i) workers_.push_back(std::make_unique<Worker>());
  for (std::size_t i = 0; i < workers_.size(); ++i)
    workers_[i]->thread = std::jthread{[this, i, tied] {
      settle_thread({}, tied, "cairn-copy");
      work(i);
    }};
}

Copier::~Copier() {
  closing_ = true;
  for (const std::unique_ptr<Worker>& worker : workers_) {
    ++worker->calls;
    worker->calls.notify_one();
  }
}

void Copier::join(Team team) {
  team_ = team;
}

void Copier::begin(Way way) {
  way_ = way;
  fields_.clear();
  pieces_.clear();
  bytes_ = 0;
}

void Copier::add(void* to, const void* from, std::size_t bytes) {
  add_pieces(static_cast<std::byte*>(to), static_cast<const std::byte*>(from), bytes);
}

void Copier::add_to_sum(const void* field, std::size_t bytes) {
  add_pieces(nullptr, static_cast<const std::byte*>(field), bytes);
}

void Copier::add_pieces(std::byte* to, const std::byte* from, std::size_t bytes) {
  const std::size_t most = sums() ? checksum_piece_bytes : most_of_a_piece(bytes), first = pieces_.size();
  bytes_ += bytes;
  for (std::size_t at = 0; at < bytes; at += most)
    pieces_.push_back({to ? to + at : nullptr, from + at, std::min(most, bytes - at)});
  fields_.push_back({.first_piece = first, .pieces = pieces_.size() - first});
}

/// So that each thread of the team has its part of the field.
std::size_t Copier::most_of_a_piece(std::size_t field_bytes) const {
  if (!team_) return piece_bytes;
  const std::size_t part = field_bytes / static_cast<std::size_t>(team_.threads());
  return std::clamp((part / page_bytes + 1) * page_bytes, least_piece_bytes, piece_bytes);
}

void Copier::run() {
  streams_ = bytes_ >= least_streamed_bytes;
  if (sums()) sums_.resize(pieces_.size());
  if (team_ && bytes_ >= least_shared_bytes) {
    copy_by_team();
  } else if (bytes_ < least_shared_bytes || workers_.empty()) {
    for (std::size_t i = 0; i < pieces_.size(); ++i) copy_piece(i);
  } else {
    Tuning& tuning = tuned_[static_cast<std::size_t>(way_)];
    const int threads = tuning.next(this->threads());
    const Clock::time_point start = Clock::now();
    copy_by(threads);
    tuning.learn(threads, std::chrono::duration<double>(Clock::now() - start).count() / static_cast<double>(bytes_));
  }
}

Checksum Copier::sum() const {
  return checksum_of_pieces(sums_);
}

void Copier::copy_piece(std::size_t index) {
  const Piece& piece = pieces_[index];
  if (sums()) {
    const auto streamed = piece.to && streams_ ? stream_and_xxh3(piece.to, piece.from, piece.bytes) : std::nullopt;
    sums_[index] = streamed ? *streamed : hash_of(std::span{piece.from, piece.bytes});
    if (streamed || !piece.to) return;
  }
  if (streams_)
    stream_bytes(piece.to, piece.from, piece.bytes);
  else
    std::memcpy(piece.to, piece.from, piece.bytes);
}

// A worker that wakes late finds no piece left: it takes none of the next copy's before that is whole, for left_ tells.
void Copier::copy_by(int threads) {
  called_.store(static_cast<std::size_t>(threads - 1), std::memory_order_relaxed);
  done_.store(0, std::memory_order_relaxed);
  left_.store(static_cast<std::ptrdiff_t>(pieces_.size()), std::memory_order_release);
  wake_children(0);
  copy_pieces();
  for (int looks = 0; done_.load(std::memory_order_acquire) < pieces_.size(); ++looks)
    if (looks >= looks_before_sleep) std::this_thread::yield();
}

void Copier::copy_pieces() {
  for (std::ptrdiff_t i = left_.fetch_sub(1, std::memory_order_acq_rel) - 1; i >= 0;
       i = left_.fetch_sub(1, std::memory_order_acq_rel) - 1) {
    copy_piece(static_cast<std::size_t>(i));
    done_.fetch_add(1, std::memory_order_acq_rel);
  }
}

void Copier::copy_by_team() {
  if (claimed_.size() < pieces_.size()) claimed_ = std::vector<std::atomic<bool>>(pieces_.capacity());
  for (std::size_t i = 0; i < pieces_.size(); ++i) claimed_[i].store(false, std::memory_order_relaxed);
  auto copies = [this](int thread, int threads) {
    for (int i = 0; i < threads; ++i) copy_share((thread + i) % threads, threads);
  };
  team_.run(copies);
}

/// The thread's part of each field; of the fields that are one piece each, its part of all fields.
void Copier::copy_share(int thread, int threads) {
  const auto part = [&](std::size_t things) {
    const auto of = static_cast<std::size_t>(threads), before = static_cast<std::size_t>(thread);
    return std::pair{things * before / of, things * (before + 1) / of};
  };
  const auto [first_field, end_field] = part(fields_.size());
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const auto [first, pieces] = fields_[f];
    const bool whole = first_field <= f && f < end_field;
    const auto [begin, end] = pieces == 1 ? std::pair<std::size_t, std::size_t>{0, whole} : part(pieces);
    for (std::size_t i = first + begin; i < first + end; ++i)
      if (!claimed_[i].exchange(true, std::memory_order_relaxed)) copy_piece(i);
  }
}

// Each wakes two more, for a call takes 10 µs. The caller is place 0 of the tree, worker i place i + 1.
void Copier::wake_children(std::size_t place) {
  for (const std::size_t child : {2 * place + 1, 2 * place + 2}) {
    if (child > called_.load(std::memory_order_relaxed)) return;
    Worker& worker = *workers_[child - 1];
    worker.calls.fetch_add(1, std::memory_order_release);
    worker.calls.notify_one();
  }
}

void Copier::work(std::size_t index) {
  Worker& self = *workers_[index];
  for (std::uint32_t seen = 0;;) {
    self.calls.wait(seen, std::memory_order_acquire);
    seen = self.calls.load(std::memory_order_acquire);
    if (closing_) return;
    wake_children(index + 1);
    copy_pieces();
  }
}

int Copier::Tuning::next(int most) {
  int possible = 1;
  while (possible < choices && 1 << possible <= most) ++possible;
  ++copies_;
  for (int i = 0; i < possible; ++i)
    if (tries_[static_cast<std::size_t>(i)] < first_tries) {
      const auto fewest = std::min_element(tries_.begin(), tries_.begin() + possible);
      return 1 << (fewest - tries_.begin());
    }
  if (copies_ % copies_between_tries != 0) return best();
  return 1 << (copies_ / copies_between_tries % static_cast<std::uint64_t>(possible));
}

void Copier::Tuning::learn(int threads, double seconds_of_a_byte) {
  std::size_t choice = 0;
  while (1 << choice < threads) ++choice;
  double& known = seconds_[choice];
  if (tries_[choice]++ == 0)
    known = seconds_of_a_byte;
  else
    known += weight_of_the_last * (std::min(seconds_of_a_byte, most_of_a_hiccup * known) - known);
  for (std::size_t i = 0; i < choices; ++i)
    if (tries_[i] > 0 && seconds_[i] < worth_a_change * seconds_[static_cast<std::size_t>(best_)])
      best_ = static_cast<int>(i);
}

}  // namespace cairn
