#pragma once
#include <bongsu/intake/dead_letters.hpp>
#include <bongsu/kafka/record.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace bongsu::intake {

/// Why a record cannot be used.
struct Unusable {
  std::string_view reason;  ///< undecodable or invalid_request
  std::string message;      ///< ours, without a value
  /// The record's value with what tells a person sealed; none: its bytes stay as they came.
  std::optional<std::string> sealed_value;
};

template <class T>
using Usable = std::expected<T, Unusable>;

inline std::unexpected<Unusable> unusable(std::string_view reason, std::string message) {
  return std::unexpected(Unusable{.reason = reason, .message = std::move(message), .sealed_value = {}});
}

/// The dead letter of a record.
DeadLetter letter_of(const kafka::Message& record, Unusable why, const std::string& group);

}  // namespace bongsu::intake
