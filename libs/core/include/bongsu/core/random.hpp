#pragma once
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

/// The operating system's entropy through OpenSSL; fit for keys and codes.
class SystemRandom final : public Random {
 public:
  void fill(std::span<unsigned char> bytes) override;
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
