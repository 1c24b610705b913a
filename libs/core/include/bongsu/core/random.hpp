#pragma once
#include <array>
#include <cstdint>
#include <span>

namespace bongsu {

/// Where chance comes from. Passed in, so that the same seed gives the same run.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> bytes) = 0;
  /// Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound);
};

/// The operating system's entropy through OpenSSL; fit for keys and codes. Drawn in blocks, because a call
/// costs about the same for 12 bytes as for 1,000; what was given out is wiped.
/// Threads: one at a time. Not for use on both sides of a fork.
class SystemRandom final : public Random {
 public:
  SystemRandom() = default;
  SystemRandom(const SystemRandom&) = delete;
  SystemRandom& operator=(const SystemRandom&) = delete;
  ~SystemRandom() override;
  void fill(std::span<unsigned char> bytes) override;

 private:
  std::array<unsigned char, 1024> drawn_;
  std::size_t used_ = sizeof(drawn_);
};

/// Reproducible, for tests and simulations only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<unsigned char> bytes) override;

 private:
  std::uint64_t next();
  std::uint64_t state_;
};

}  // namespace bongsu
