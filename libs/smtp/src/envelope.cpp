#include "envelope.hpp"

namespace bongsu::smtp {

std::string dot_stuffed(std::string_view message) {
  std::string wire;
  wire.reserve(message.size() + 64);
  if (message.starts_with('.')) wire += '.';
  while (true) {
    const auto at = message.find("\n.");
    if (at == std::string_view::npos) break;
    wire.append(message.substr(0, at + 1)).append("..");
    message.remove_prefix(at + 2);
  }
  wire.append(message).append(".\r\n");
  return wire;
}

}  // namespace bongsu::smtp
