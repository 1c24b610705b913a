#include "token_command.hpp"

#include <bongsu/security/token.hpp>

namespace bongsu::ctl {

Result<Report> create_token(const TokenOptions& options, Timestamp now) {
  const auto ttl = parse_duration(options.ttl);
  if (!ttl) return std::unexpected(ttl.error());
  security::NewToken token;
  token.key_file = options.key_file;
  token.issuer = options.issuer;
  token.audience = options.audience;
  token.subject = options.subject;
  token.roles.insert(options.roles.begin(), options.roles.end());
  token.issued_at = now;
  token.lifetime = std::chrono::floor<std::chrono::seconds>(*ttl);
  const auto made = security::create_token(token);
  if (!made) return std::unexpected(made.error());
  return Report{
      .columns = {"token", "expires_at"}, .rows = {{*made, to_rfc3339(now + token.lifetime)}}, .fine = true};
}

}  // namespace bongsu::ctl
