#pragma once
#include <string>
#include <string_view>

namespace bongsu::smtp {

/// A mail as it goes out: the envelope's addresses, and the message with its dots stuffed and the
/// line with the single dot that ends it.
struct Envelope {
  std::string from;
  std::string to;
  std::string wire;
};

/// RFC 5321, 4.5.2. `message` ends with CRLF.
std::string dot_stuffed(std::string_view message);

}  // namespace bongsu::smtp
