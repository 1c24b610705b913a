#pragma once
#include <string_view>

namespace bongsu::smtp {

/// Whether `text` is a mailbox that every SMTP server takes (RFC 5321, 4.1.2): a dot-atom of at most
/// 64 characters, "@", and a domain of at most 253 with at least two labels of letters, digits and
/// inner hyphens. ASCII only: a domain in another script is written in its xn-- form. Quoted local
/// parts and address literals are refused: no member's address has one.
bool is_address(std::string_view text);

}  // namespace bongsu::smtp
