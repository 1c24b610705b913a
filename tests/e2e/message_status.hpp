#pragma once
#include "support/stack/stack.hpp"

#include <string>

namespace bongsu::support {

/// Where a message stands; empty when there is no such answer now: for those who ask again.
inline std::string status_of(Stack& stack, const std::string& id) {
  const auto answer = stack.get("/api/messages/" + id);
  if (answer.status != 200) return {};
  return std::string{answer.json().at("data").at("status").as_string()};
}

}  // namespace bongsu::support
