#pragma once
#include "report.hpp"

#include <bongsu/core/time.hpp>

#include <string>
#include <vector>

namespace bongsu::ctl {

struct TokenOptions {
  std::string subject;
  std::vector<std::string> roles;
  std::string ttl = "1h";
  std::string key_file = ".local/jwt/local.key";
  std::string issuer = "bongsu-local";
  std::string audience = "bongsu";
};

/// A signed token, valid from `now`. One row: the token, and until when it is valid.
/// Errors: kInvalidArgument (ttl, an empty subject, the key), kNotFound (the key's file).
Result<Report> create_token(const TokenOptions& options, Timestamp now);

}  // namespace bongsu::ctl
