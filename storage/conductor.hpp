// SPDX-License-Identifier: BSD-3-Clause
/// Who decides when lanes work, where it is not their threads: the seam of the deterministic simulation.
#pragma once

namespace cairn {

class Lane;

/// While one conducts a thread (Conducted), lanes that are made in it have no thread of their own: their jobs run in
/// the calling thread, when the conductor says so, by Lane::work_once(). Where the caller would wait for a lane, be it
/// for a load, for room in a queue or for a buffer of a Pool, the conductor is asked to let some lane work. All else is
/// as with threads. A run without a conductor pays one comparison a queued job.
class Conductor {
 public:
  virtual ~Conductor() = default;
  virtual void enlist(Lane& lane) = 0;
  virtual void dismiss(Lane& lane) noexcept = 0;
  /// Lanes might have worked beside the caller until now: any number of jobs, also none.
  virtual void may_work() = 0;
  /// The caller cannot go on: at least one job. Throws where no lane has one, for the caller would wait for ever.
  virtual void must_work() = 0;

  static Conductor* of_this_thread() noexcept;  ///< nullptr: none, lanes have threads.
};

/// For as long as it lives, this conductor conducts the calling thread.
class Conducted {
 public:
  explicit Conducted(Conductor& conductor) noexcept;
  Conducted(const Conducted&) = delete;
  Conducted& operator=(const Conducted&) = delete;
  ~Conducted();

 private:
  Conductor* before_;
};

}  // namespace cairn
