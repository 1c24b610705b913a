#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace bongsu::bench {

struct Target {
  std::uint16_t port = 0;
  std::string path;
  std::string token;
  std::string host = "127.0.0.1";
};

struct LoadResult {
  double per_second = 0;       ///< answers, after the warm-up
  std::uint64_t answered = 0;  ///< all of them, the warm-up's too
  double median_ms = 0;
  double p99_ms = 0;
};

/// `clients` keep-alive connections, each posting its next body when the answer to its last is there, on
/// one thread. Throws when an answer is not 202.
LoadResult run_load(const Target& target, int clients, std::chrono::milliseconds warm_up,
                    std::chrono::milliseconds duration, const std::function<std::string()>& next_body);

/// Messages that are all different: 512 bytes of JSON each, of text that does not compress to nothing.
class Messages {
 public:
  explicit Messages(std::uint64_t seed);
  std::string next();
  std::string next_batch(int count);

 private:
  std::uint64_t random();

  std::uint64_t state_;
  std::string pool_;
};

}  // namespace bongsu::bench
