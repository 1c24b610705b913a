#pragma once
#include <bongsu/http/problem.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bongsu::gateway {

/// All that is wrong with one body, in the order found, so that the caller learns it at once.
class FieldErrors {
 public:
  FieldErrors() = default;
  explicit FieldErrors(std::vector<http::FieldError> all) : all_(std::move(all)) {}

  /// `field` as in "fallback.recipient"; `code` is one of those that words_for() knows. A field that
  /// is wrong already (of the wrong type, say) is not named twice.
  void add(std::string_view field, std::string_view code);

  bool none() const { return all_.empty(); }
  const std::vector<http::FieldError>& all() const { return all_; }
  std::vector<http::FieldError> take() { return std::move(all_); }

 private:
  std::vector<http::FieldError> all_;
};

/// What a rule's code means, for people. Aborts on a code that has no words.
http::Text words_for(std::string_view code);

}  // namespace bongsu::gateway
