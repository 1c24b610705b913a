#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/time.hpp>

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace bongsu::security {

/// Who calls, and as what.
struct Caller {
  std::string subject;
  std::set<std::string, std::less<>> roles;

  bool has(std::string_view role) const { return roles.contains(role); }
};

struct TokenSettings {
  std::string issuer = "bongsu-local";
  std::string audience = "bongsu";
  /// Holds the keys: `KID.pub` (PEM; EC P-256 verifies ES256, RSA of 2048 bits and more RS256) or
  /// `KID.hs256` (at least 32 bytes in base64). Other files are left alone.
  std::string keys_folder;
  /// Verified tokens that are remembered, so that a signature is checked once and not per request.
  std::size_t remembered = 10'000;
};

/// Checks bearer tokens (JWT, RFC 7519).
///
/// The `kid` header chooses the key, and the key alone decides the algorithm; what the token says of
/// it must agree. `exp`, `iss`, `aud` (text or list) and `sub` are required, `nbf` is honoured with 5 s
/// for clocks that differ, `roles` is a list of texts. A token has at most 8 KiB.
///
/// Errors: kUnauthorized; `detail` says why: malformed, unknown_key, algorithm, signature, expired,
///   not_yet, issuer, audience, claims.
/// Threads: the io_context's one thread.
class TokenVerifier {
 public:
  /// Errors: kNotFound, kUnavailable, kInvalidArgument with the file; also when there is no key at all.
  static Result<TokenVerifier> load(TokenSettings settings);
  TokenVerifier(TokenVerifier&&) noexcept;
  TokenVerifier& operator=(TokenVerifier&&) noexcept;
  ~TokenVerifier();

  /// `token` without "Bearer ".
  Result<Caller> verify(std::string_view token, Timestamp now);

 private:
  class Parts;
  explicit TokenVerifier(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

struct NewToken {
  /// `KID.key` (PEM private key, EC P-256 or RSA) or `KID.hs256`; the name gives the `kid`.
  std::string key_file;
  std::string issuer = "bongsu-local";
  std::string audience = "bongsu";
  std::string subject;
  std::set<std::string> roles;
  Timestamp issued_at;
  std::chrono::seconds lifetime = std::chrono::hours{1};
};

/// Errors: kNotFound, kUnavailable, kInvalidArgument (the key, an empty subject, no lifetime).
Result<std::string> create_token(const NewToken& token);

}  // namespace bongsu::security
