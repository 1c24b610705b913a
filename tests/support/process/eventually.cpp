#include "support/process/eventually.hpp"

#include <stdexcept>
#include <string>

#include <poll.h>

namespace bongsu::support {

void eventually(std::string_view what, const std::function<bool()>& holds, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error{"not within " + std::to_string(limit.count()) + " s: " + std::string{what}};
    }
    ::poll(nullptr, 0, 50);
  }
}

}  // namespace bongsu::support
