#pragma once
#include "token_cache.hpp"

#include <string>

namespace bongsu::security {

/// A token's header, as far as it decides how the token is checked.
struct TokenHeader {
  std::string key_id;
  std::string algorithm;
};

/// Reads the header without trusting it. Errors: kUnauthorized, detail "malformed".
Result<TokenHeader> read_header(std::string_view token);

/// Judges the claims of a token whose signature holds. Errors: kUnauthorized.
Result<Verified> judge_claims(std::string_view json, const TokenSettings& settings, Timestamp now);

std::unexpected<Error> refuse(std::string detail, std::string why);

}  // namespace bongsu::security
