// SPDX-License-Identifier: BSD-3-Clause
/// An operating system that writes down all that happens to files, so that tests can say what a crash may leave.
#pragma once

#include <cairn/storage/system.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace cairn::test {

/// One thing that happened to a file or to its folder.
struct DiskEvent {
  enum class Kind { create, write, sync, rename, remove, sync_folder };
  Kind kind;
  int file = -1;             ///< of create, write, sync: its number, from 0 in the order of appearance
  std::string name = {};     ///< of create, rename (the old one) and remove
  std::string to = {};       ///< of rename
  std::uint64_t offset = 0;  ///< of write
  std::string bytes = {};    ///< of write; none where only the length changed
  std::uint64_t length = 0;  ///< of the file, after write
};

/// Passes calls on to the real system and records them, but waits for no device. What comes to a file past it (stores
/// into a mapping, writes of the HDF5 library) is found by comparison and recorded before the next call. One thread.
class RecordingSystem final : public System {
 public:
  RecordingSystem() = default;
  RecordingSystem(const RecordingSystem&) = delete;
  RecordingSystem& operator=(const RecordingSystem&) = delete;
  ~RecordingSystem() override {
    for (const Known& known : files_) ::close(known.reader);
  }

  const std::vector<DiskEvent>& events() const { return events_; }
  /// What the file held when it was first seen.
  const std::string& first_content(int file) const { return files_.at(static_cast<std::size_t>(file)).first; }
  int files() const { return static_cast<int>(files_.size()); }

  int open(const char* path, int flags, ::mode_t mode) override {
    const int descriptor = System::open(path, flags, mode);
    if (descriptor < 0) return descriptor;
    struct ::stat facts {};
    System::fstat(descriptor, &facts);
    if (S_ISREG(facts.st_mode)) open_[descriptor] = number_of(path, facts, (flags & O_CREAT) != 0);
    return descriptor;
  }
  int close(int descriptor) override {
    if (open_.contains(descriptor)) catch_up(open_.at(descriptor));
    open_.erase(descriptor);
    return System::close(descriptor);
  }
  ::ssize_t pwrite(int descriptor, const void* from, std::size_t bytes, ::off_t offset) override {
    const int file = open_.at(descriptor);
    catch_up(file);
    const ::ssize_t written = System::pwrite(descriptor, from, bytes, offset);
    if (written > 0) {
      const std::string content{static_cast<const char*>(from), static_cast<std::size_t>(written)};
      note_write(file, static_cast<std::uint64_t>(offset), content);
    }
    return written;
  }
  int fdatasync(int descriptor) override { return synced(descriptor); }
  int fsync(int descriptor) override { return synced(descriptor); }
  int fallocate(int descriptor, ::off_t offset, ::off_t bytes) override {
    catch_up(open_.at(descriptor));
    const int result = System::fallocate(descriptor, offset, bytes);
    catch_up(open_.at(descriptor));
    return result;
  }
  int ftruncate(int descriptor, ::off_t bytes) override {
    catch_up(open_.at(descriptor));
    const int result = System::ftruncate(descriptor, bytes);
    catch_up(open_.at(descriptor));
    return result;
  }
  int rename(const char* from, const char* to) override {
    catch_up_all();
    events_.push_back({.kind = DiskEvent::Kind::rename, .name = from, .to = to});
    return System::rename(from, to);
  }
  int unlink(const char* path) override {
    catch_up_all();
    events_.push_back({.kind = DiskEvent::Kind::remove, .name = path});
    return System::unlink(path);
  }

 private:
  struct Known {
    int reader;         // a descriptor of our own
    std::string first;  // content
    std::string now;    // as far as events tell
  };

  int number_of(const char* path, const struct ::stat& facts, bool created) {
    const auto key = std::pair{facts.st_dev, facts.st_ino};
    if (!created && numbers_.contains(key)) return numbers_.at(key);
    const int number = files();
    numbers_[key] = number;
    const int reader = ::open(path, O_RDONLY | O_CLOEXEC);
    if (reader < 0) throw std::runtime_error{std::string{"cannot look at "} + path};
    files_.push_back({.reader = reader, .first = {}, .now = {}});
    files_.back().first = files_.back().now = content(number);
    if (created) events_.push_back({.kind = DiskEvent::Kind::create, .file = number, .name = path});
    return number;
  }
  std::string content(int file) const {
    const int reader = files_[static_cast<std::size_t>(file)].reader;
    struct ::stat facts {};
    ::fstat(reader, &facts);
    std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
    for (std::size_t done = 0; done < bytes.size();) {
      const ::ssize_t moved = ::pread(reader, bytes.data() + done, bytes.size() - done, static_cast<::off_t>(done));
      if (moved <= 0) throw std::runtime_error{"a file that cannot be read"};
      done += static_cast<std::size_t>(moved);
    }
    return bytes;
  }
  int synced(int descriptor) {
    if (!open_.contains(descriptor)) {
      events_.push_back({.kind = DiskEvent::Kind::sync_folder});
      return 0;
    }
    catch_up(open_.at(descriptor));
    events_.push_back({.kind = DiskEvent::Kind::sync, .file = open_.at(descriptor)});
    return 0;
  }
  void catch_up_all() {
    for (int file = 0; file < files(); ++file) catch_up(file);
  }
  void catch_up(int file) {
    constexpr std::size_t page = 4096;
    const std::string found = content(file);
    std::string& now = files_[static_cast<std::size_t>(file)].now;
    if (found.size() != now.size()) {
      now.resize(found.size());
      note_write(file, 0, {});
    }
    for (std::size_t first = 0; first < found.size(); first += page) {
      std::size_t last = first;
      const auto differs = [&](std::size_t at) {
        return at < found.size() && found.compare(at, page, now, at, page) != 0;
      };
      while (differs(last)) last += page;
      if (last == first) continue;
      note_write(file, first, found.substr(first, last - first));
      first = last;
    }
  }
  void note_write(int file, std::uint64_t offset, std::string bytes) {
    std::string& now = files_[static_cast<std::size_t>(file)].now;
    if (offset + bytes.size() > now.size()) now.resize(offset + bytes.size());
    now.replace(offset, bytes.size(), bytes);
    events_.push_back({.kind = DiskEvent::Kind::write,
                       .file = file,
                       .offset = offset,
                       .bytes = std::move(bytes),
                       .length = now.size()});
  }

  std::vector<DiskEvent> events_;
  std::vector<Known> files_;
  std::map<std::pair<::dev_t, ::ino_t>, int> numbers_;
  std::map<int, int> open_;  // descriptor → file
};

}  // namespace cairn::test
