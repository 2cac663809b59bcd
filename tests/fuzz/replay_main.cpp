// SPDX-License-Identifier: BSD-3-Clause
// A fuzz target as an ordinary program: the inputs of a corpus once, then mutations of them from a seed. A child
// process runs them, so that after a crash of any kind its parent can say which input it was.
//
// Usage: <target>_replay [--mutations N] [--seed S] FILE|FOLDER…      the seed is drawn, and printed, where not given
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr unsigned most_seconds = 60;  // of one input
[[maybe_unused]] constexpr std::uint64_t most_memory_bytes = std::uint64_t{2} << 30;
constexpr std::size_t most_input_bytes = 8192;  // of a mutation

struct Corpus {
  std::vector<std::string> paths;
  std::vector<std::string> inputs;
};

struct Options {
  std::uint64_t mutations = 0;
  std::uint64_t seed = std::random_device{}();
  std::vector<std::string> paths;
};

Options options_of(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--mutations") {
      options.mutations = std::stoull(arguments.at(++i));
    } else if (argument == "--seed") {
      options.seed = std::stoull(arguments.at(++i));
    } else {
      options.paths.push_back(argument);
    }
  }
  return options;
}

std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string content{std::istreambuf_iterator<char>{file}, {}};
  if (!file) throw std::runtime_error{"cannot read " + path};
  return content;
}

Corpus corpus_in(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  Corpus corpus;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      corpus.paths.push_back(path);
      continue;
    }
    for (const auto& entry : fs::directory_iterator{path}) corpus.paths.push_back(entry.path().string());
  }
  std::ranges::sort(corpus.paths);
  for (const std::string& path : corpus.paths) corpus.inputs.push_back(content_of(path));
  if (corpus.inputs.empty()) throw std::runtime_error{"no inputs; give the files or folders of a corpus"};
  return corpus;
}

/// One mutation: a few edits of an input of the corpus. The same number and seed give the same bytes.
class Mutation {
 public:
  Mutation(const Corpus& corpus, std::uint64_t seed, std::uint64_t number)
      : corpus_{corpus}, random_{seed ^ (number * 0x9e3779b97f4a7c15)}, text_{any_input()} {
    for (std::size_t edits = 1 + below(6); edits > 0; --edits) edit();
    if (text_.size() > most_input_bytes) text_.resize(most_input_bytes);
  }
  const std::string& text() const { return text_; }

 private:
  std::size_t below(std::size_t most) { return most == 0 ? 0 : static_cast<std::size_t>(random_() % most); }
  const std::string& any_input() { return corpus_.inputs[below(corpus_.inputs.size())]; }
  char any_byte() { return static_cast<char>(random_()); }

  /// Some characters that lie side by side, where they begin and how many they are.
  std::string_view any_part(std::string_view text) {
    const std::size_t at = below(text.size());
    return text.substr(at, 1 + below(std::min<std::size_t>(text.size() - at, 64)));
  }

  std::string special() {
    constexpr std::array<std::string_view, 16> texts{
        "0",   "-1", "1",  "9223372036854775807", "18446744073709551616", "1e308", "nan", "inf", ",", ":", "\n", "[",
        "{a:", "&a", "*a", "\xff\xff\xff\xff"};
    return std::string{texts[below(texts.size())]};
  }

  void edit() {
    const std::size_t at = below(text_.size() + 1);
    const std::string_view part = any_part(text_);
    const auto part_at = static_cast<std::size_t>(part.data() - text_.data());
    switch (below(8)) {
      case 0: return flip(at);
      case 1: text_.insert(at, 1, any_byte()); return;
      case 2: text_.erase(part_at, part.size()); return;
      case 3: text_.insert(at, std::string{part}); return;
      case 4: text_.insert(at, std::string{any_part(any_input())}); return;
      case 5: text_.insert(at, special()); return;
      case 6: text_.replace(part_at, part.size(), special()); return;
      default: text_ = text_.substr(0, at) + any_input().substr(0, most_input_bytes); return;
    }
  }

  void flip(std::size_t at) {
    if (at < text_.size()) text_[at] = static_cast<char>(text_[at] ^ (1U << below(8)));
  }

  const Corpus& corpus_;
  std::mt19937_64 random_;
  std::string text_;
};

std::string input_of(const Corpus& corpus, const Options& options, std::uint64_t number) {
  if (number < corpus.inputs.size()) return corpus.inputs[number];
  return Mutation{corpus, options.seed, number - corpus.inputs.size()}.text();
}

/// What asks for more fails, and the machine goes on. Sanitizers reserve more than that for themselves.
void limit_memory() {
#ifndef CAIRN_SANITIZED
  constexpr ::rlimit limit{.rlim_cur = most_memory_bytes, .rlim_max = most_memory_bytes};
  if (::setrlimit(RLIMIT_DATA, &limit) != 0) throw std::runtime_error{"the memory cannot be limited"};
#endif
}

/// In the child: every input in its turn. Returns the exit code.
int run_all(const Corpus& corpus, const Options& options, std::atomic<std::uint64_t>& running) {
  limit_memory();
  for (std::uint64_t number = 0; number < corpus.inputs.size() + options.mutations; ++number) {
    running = number;
    const std::string input = input_of(corpus, options, number);
    ::alarm(most_seconds);
    try {
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "%s\n", failure.what());
      return 1;
    }
  }
  return 0;
}

std::string end_of(int status) {
  if (WIFEXITED(status)) return fmt::format("exit code {}", WEXITSTATUS(status));
  if (WTERMSIG(status) == SIGALRM) return fmt::format("more than {} s", most_seconds);
  return ::strsignal(WTERMSIG(status));
}

void tell_failure(const std::string& program, const Corpus& corpus, const Options& options, std::uint64_t number,
                  int status) {
  std::string path = program + ".failed";
  std::string what = fmt::format("mutation {} of seed {}", number - corpus.inputs.size(), options.seed);
  if (number < corpus.inputs.size()) {
    what = path = corpus.paths[number];
  } else {
    std::ofstream{path, std::ios::binary} << input_of(corpus, options, number);
  }
  std::fprintf(stderr, "%s: %s. Repeat it by: %s %s\n", what.c_str(), end_of(status).c_str(), program.c_str(),
               path.c_str());
}

int run(const std::string& program, const Options& options) {
  const Corpus corpus = corpus_in(options.paths);
  void* shared =
      ::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::runtime_error{"no memory to share with the child"};
  auto& running = *new (shared) std::atomic<std::uint64_t>{0};
  std::fprintf(stderr, "%zu inputs of the corpus, %llu mutations of seed %llu\n", corpus.inputs.size(),
               static_cast<unsigned long long>(options.mutations), static_cast<unsigned long long>(options.seed));
  const ::pid_t child = ::fork();
  if (child < 0) throw std::runtime_error{"no child process"};
  if (child == 0) std::exit(run_all(corpus, options, running));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (status == 0) return 0;
  tell_failure(program, corpus, options, running, status);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argv[0], options_of({argv + 1, argv + argc}));
  } catch (const std::exception& wrong) {
    std::fprintf(stderr, "%s: %s\n", argv[0], wrong.what());
    return 2;
  }
}
