#pragma once
#include <bongsu/core/uuid.hpp>
#include <bongsu/security/keyed_hash.hpp>

#include <string>
#include <string_view>

namespace bongsu::deadletters {

/// What makes two recipients the same: an address in lower case; a number without hyphens and blanks, a
/// Korean one as it is dialled in Korea (+82 10-1234-5678 is 01012345678); any other text as it is, blanks
/// around it cut. Pure.
std::string recipient_identity(std::string_view text);

/// By which one recipient's letters are found. Cut to 128 bits.
Uuid recipient_hash(const security::KeyedHash& hash, std::string_view recipient);

}  // namespace bongsu::deadletters
