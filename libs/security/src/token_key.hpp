#pragma once
#include <bongsu/core/error.hpp>

#include <string>

#include <jwt.h>

namespace bongsu::security {

/// A key for tokens together with the one algorithm it may be used with. Wiped when it goes.
class TokenKey {
 public:
  /// `KID.pub` or `KID.hs256`. Errors: as read_file, kInvalidArgument with the file.
  static Result<TokenKey> to_verify(const std::string& path);
  /// `KID.key` or `KID.hs256`. Errors: as above.
  static Result<TokenKey> to_sign(const std::string& path);

  TokenKey(const TokenKey&) = delete;
  TokenKey& operator=(const TokenKey&) = delete;
  TokenKey(TokenKey&&) noexcept = default;
  TokenKey& operator=(TokenKey&&) noexcept = default;
  ~TokenKey();

  jwt_alg_t algorithm() const { return algorithm_; }
  const unsigned char* data() const { return reinterpret_cast<const unsigned char*>(material_.data()); }
  int size() const { return static_cast<int>(material_.size()); }

 private:
  TokenKey(jwt_alg_t algorithm, std::string material)
      : algorithm_(algorithm), material_(std::move(material)) {}
  static Result<TokenKey> load(const std::string& path, bool private_key);

  jwt_alg_t algorithm_;
  std::string material_;  // PEM, or the bytes of a shared secret
};

}  // namespace bongsu::security
