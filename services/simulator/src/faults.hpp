#pragma once
#include <bongsu/core/random.hpp>
#include <bongsu/http/problem.hpp>

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu::simulator {

/// What goes wrong, for whom, how often.
struct Fault {
  std::string channel;
  std::optional<std::string> recipient;   ///< without one it acts on /health too
  std::optional<double> recipient_share;  ///< this share of recipients, always the same ones
  double probability = 1.0;
  std::optional<std::int64_t> count;  ///< how often it still acts
  int status = 0;                     ///< answered instead of 200
  bool drop = false;                  ///< the connection is cut
  std::chrono::milliseconds delay{0};
  std::optional<std::int64_t> retry_after;  ///< seconds
};

/// The faults that are set; the first that matches acts. Chance is drawn only by a fault that would match.
class Faults {
 public:
  explicit Faults(Random& random) : random_(random) {}

  void set(std::vector<Fault> faults) { faults_ = std::move(faults); }
  /// `recipient`: none for /health. Counts the fault that acts.
  std::optional<Fault> strike(std::string_view channel, std::optional<std::string_view> recipient);

 private:
  bool matches(const Fault& fault, std::string_view channel, std::optional<std::string_view> recipient);

  Random& random_;
  std::vector<Fault> faults_;
};

/// A JSON array of faults, as PUT /control/faults takes it.
std::expected<std::vector<Fault>, std::vector<http::FieldError>> parse_faults(std::string_view json);

}  // namespace bongsu::simulator
