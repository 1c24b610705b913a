#include "token_key.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/security/key.hpp>

#include <memory>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace bongsu::security {
namespace {

constexpr std::size_t kLeastSecret = 32;  // bytes; RFC 7518, 3.2
constexpr int kLeastRsa = 2048;           // bits; RFC 7518, 3.3

std::unexpected<Error> refused(const std::string& path, const std::string& why) {
  return fail(ErrorCode::kInvalidArgument, path + ": " + why, path);
}

Result<std::string> secret_in(const std::string& path, std::string_view text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  auto secret = from_base64(text.substr(0, end == std::string_view::npos ? 0 : end + 1));
  if (!secret || secret->size() < kLeastSecret)
    return refused(path, "at least 32 bytes in base64 are needed");
  return secret;
}

/// The algorithm that fits the PEM key, JWT_ALG_INVAL if none does.
jwt_alg_t algorithm_of(const std::string& pem, bool private_key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory{
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
      private_key ? PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr)
                  : PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr),
      &EVP_PKEY_free};
  if (!key) return JWT_ALG_INVAL;
  if (EVP_PKEY_is_a(key.get(), "RSA") == 1) {
    return EVP_PKEY_get_bits(key.get()) >= kLeastRsa ? JWT_ALG_RS256 : JWT_ALG_INVAL;
  }
  char group[32] = {};
  std::size_t length = 0;
  const bool p256 = EVP_PKEY_is_a(key.get(), "EC") == 1 &&
                    EVP_PKEY_get_group_name(key.get(), group, sizeof(group), &length) == 1 &&
                    std::string_view{group, length} == "prime256v1";
  return p256 ? JWT_ALG_ES256 : JWT_ALG_INVAL;
}

}  // namespace

TokenKey::~TokenKey() { wipe(material_); }

Result<TokenKey> TokenKey::to_verify(const std::string& path) { return load(path, false); }
Result<TokenKey> TokenKey::to_sign(const std::string& path) { return load(path, true); }

Result<TokenKey> TokenKey::load(const std::string& path, bool private_key) {
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  if (path.ends_with(".hs256")) {
    auto secret = secret_in(path, *text);
    wipe(*text);
    if (!secret) return std::unexpected(secret.error());
    return TokenKey{JWT_ALG_HS256, std::move(*secret)};
  }
  const auto algorithm = algorithm_of(*text, private_key);
  if (algorithm == JWT_ALG_INVAL) {
    wipe(*text);
    return refused(path, std::string{"no PEM "} + (private_key ? "private" : "public") +
                             " key of EC P-256, or of RSA with at least 2048 bits");
  }
  return TokenKey{algorithm, std::move(*text)};
}

}  // namespace bongsu::security
