#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/private.hpp>

#include <string>
#include <string_view>

namespace bongsu::gateway {

/// An address that mail can be sent to, pragmatically after RFC 5321: one dot-atom of at most 64
/// octets, "@", a domain of two labels or more, at most 254 octets in all, ASCII. No quoted local
/// parts, no address literals: they pass no sign-up form on purpose. The domain comes back in lower case.
/// Errors: kInvalidArgument.
Result<EmailAddress> parse_email(std::string_view text);

/// What makes two addresses the same person: all of it in lower case. Only its keyed hash is stored.
std::string email_identity(const EmailAddress& email);

/// A valid number in E.164 (+821012345678), by libphonenumber's numbering plans. Without a country
/// code it is read as Korean. Errors: kInvalidArgument.
Result<PhoneNumber> parse_phone(std::string_view text);

/// 1…100 characters of well-formed UTF-8, no control characters, not only blanks.
bool is_name(std::string_view text);

/// 1…255 characters without control characters: ours are UUIDs, others bring their own.
bool is_user_id(std::string_view text);

}  // namespace bongsu::gateway
