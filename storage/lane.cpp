// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/lane.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace cairn {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Lane::Lane(const LaneSetting& setting, std::size_t queue_length)
    : queue_length_{std::max<std::size_t>(queue_length, 1)} {
  check_lane(setting);
  jobs_.reserve(queue_length_ + 1);  // an urgent load never waits for room
  if (conductor_) {
    conductor_->enlist(*this);
    return;
  }
  const SignalsBlocked blocked;
  worker_ = std::jthread{[this, setting, tied = threads_are_tied()] {
    settle_thread(setting, tied);
    work();
  }};
}

Lane::~Lane() {
  if (conductor_) {
    while (work_once()) {
    }
    conductor_->dismiss(*this);
    return;
  }
  {
    const std::scoped_lock lock{mutex_};
    closing_ = true;
  }
  changed_.notify_all();
}

void Lane::save(Tier& tier, Slot slot, Step step, Pool::Buffer buffer, const Checksum& sum) {
  push({Job::Kind::save, &tier, slot, step, std::move(buffer), nullptr, sum});
}

void Lane::release(Tier& tier, Slot slot) {
  push({Job::Kind::release, &tier, slot, -1, {}, nullptr, {}});
}

void Lane::read_ahead(Load& load) {
  push({Job::Kind::read_ahead, load.tier, load.slot, load.step, {}, &load, {}});
}

void Lane::load(Load& load) {
  let_lanes_work();
  std::unique_lock lock{mutex_};
  const bool read_already = std::exchange(load.read_, false);
  if (!load.queued_ && !read_already) {
    lock.unlock();
    push({Job::Kind::urgent, load.tier, load.slot, load.step, {}, &load, {}});
    lock.lock();
  }
  if (const auto job = std::ranges::find(jobs_, &load, &Job::load); job != jobs_.end()) job->kind = Job::Kind::urgent;
  wait_until(lock, [&] { return !load.queued_; });
  load.read_ = false;
  if (const std::exception_ptr failure = std::exchange(load.failure_, nullptr)) std::rethrow_exception(failure);
  if (failure_) std::rethrow_exception(failure_);
}

bool Lane::is_done(const Load& load) {
  let_lanes_work();
  const std::scoped_lock lock{mutex_};
  return !load.queued_;
}

bool Lane::is_pending(const Tier& tier, Slot slot) {
  let_lanes_work();
  const std::scoped_lock lock{mutex_};
  const auto concerns = [&](const Job& job) { return job.tier == &tier && job.slot == slot; };
  return (running_ != nullptr && concerns(*running_)) || std::ranges::any_of(jobs_, concerns);
}

std::size_t Lane::pending_saves(const Tier& tier) {
  let_lanes_work();
  const std::scoped_lock lock{mutex_};
  const auto counts = [&](const Job& job) { return job.kind == Job::Kind::save && job.tier == &tier; };
  return static_cast<std::size_t>(std::ranges::count_if(jobs_, counts)) + (running_ != nullptr && counts(*running_));
}

void Lane::drain() {
  std::unique_lock lock{mutex_};
  wait_until(lock, [this] { return jobs_.empty() && running_ == nullptr; });
}

void Lane::rethrow_failure() {
  const std::scoped_lock lock{mutex_};
  if (failure_) std::rethrow_exception(failure_);
}

void Lane::clear_failure() {
  const std::scoped_lock lock{mutex_};
  failure_ = nullptr;
}

Lane::Figures Lane::figures() {
  const std::scoped_lock lock{mutex_};
  return figures_;
}

void Lane::push(Job job) {
  if (job.kind != Job::Kind::release && !(job.load ? job.load->buffer : job.buffer))
    throw std::logic_error{"Lane: a save or load without a buffer; take one from the pool first"};
  let_lanes_work();
  {
    std::unique_lock lock{mutex_};
    const bool urgent = job.kind == Job::Kind::urgent;
    wait_until(lock, [&] { return failure_ || urgent || jobs_.size() < queue_length_; });
    if (failure_) std::rethrow_exception(failure_);
    if (job.load != nullptr) job.load->queued_ = true, job.load->read_ = false, job.load->failure_ = nullptr;
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
}

void Lane::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    run_next(lock);
  }
}

/// The next job, without the lock while it runs.
void Lane::run_next(std::unique_lock<std::mutex>& lock) {
  const auto next = jobs_.begin() + static_cast<std::ptrdiff_t>(next_job());
  Job job = std::move(*next);
  jobs_.erase(next);
  running_ = &job;
  lock.unlock();
  const Clock::time_point start = Clock::now();
  std::exception_ptr failure = run(job);
  if (failure) mourn(job);
  job.buffer.give_back();
  lock.lock();
  running_ = nullptr;
  figures_.busy_seconds += std::chrono::duration<double>(Clock::now() - start).count();
  failure ? fail(job, std::move(failure)) : succeed(job);
  changed_.notify_all();
}

bool Lane::work_once() {
  std::unique_lock lock{mutex_};
  if (jobs_.empty()) return false;
  run_next(lock);
  return true;
}

/// Sleeps until that holds; with a conductor, has lanes work until it does.
template <class Condition>
void Lane::wait_until(std::unique_lock<std::mutex>& lock, const Condition& holds) {
  if (!conductor_) return changed_.wait(lock, holds);
  while (!holds()) {
    lock.unlock();
    conductor_->must_work();
    lock.lock();
  }
}

void Lane::let_lanes_work() const {
  if (conductor_) conductor_->may_work();
}

std::size_t Lane::next_job() const {
  for (std::size_t i = 0; i < jobs_.size(); ++i)
    if (jobs_[i].kind == Job::Kind::urgent && !must_wait(i)) return i;
  const auto write = std::ranges::find_if(jobs_, [](const Job& job) { return job.load == nullptr; });
  if (write == jobs_.end()) return 0;
  const auto same_slot = [&](const Job& job) { return job.tier == write->tier && job.slot == write->slot; };
  return static_cast<std::size_t>(std::ranges::find_if(jobs_, same_slot) - jobs_.begin());
}

bool Lane::must_wait(std::size_t index) const {
  const Job& read = jobs_[index];
  return std::any_of(jobs_.begin(), jobs_.begin() + static_cast<std::ptrdiff_t>(index), [&](const Job& job) {
    return job.load == nullptr && job.tier == read.tier && job.slot == read.slot;
  });
}

std::exception_ptr Lane::run(Job& job) {
  try {
    if (job.kind == Job::Kind::save) job.tier->save(job.slot, job.step, job.buffer.bytes(), job.sum);
    if (job.kind == Job::Kind::release) job.tier->release(job.slot);
    if (job.load != nullptr) job.load->sum = job.tier->load_unchecked(job.slot, job.step, job.load->buffer.bytes());
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

void Lane::succeed(Job& job) {
  const Bytes bytes = job.tier->layout().snapshot_bytes();
  if (job.kind == Job::Kind::save) figures_.saved += bytes;
  if (job.load == nullptr) return;
  figures_.loaded += bytes;
  job.load->queued_ = false;
  job.load->read_ = true;
}

void Lane::fail(Job& job, std::exception_ptr failure) {
  if (job.load != nullptr) {
    job.load->failure_ = std::move(failure);
    job.load->queued_ = false;
    job.load->read_ = true;
    return;
  }
  failure_ = std::move(failure);
  for (Job& dropped : jobs_)
    dropped.load != nullptr ? static_cast<void>(dropped.load->queued_ = false) : mourn(dropped);
  jobs_.clear();  // buffers of saves go back to the pool
}

void Lane::mourn(const Job& job) {
  if (lost_ && job.kind == Job::Kind::save) lost_(job.step, job.buffer.bytes());
}

}  // namespace cairn
