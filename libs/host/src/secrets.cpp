#include <bongsu/host/secrets.hpp>

namespace bongsu::host {

Result<Secrets> Secrets::load(const SecuritySettings& keys, const security::TokenSettings& tokens) {
  auto ring = security::KeyRing::load(keys.box_key_file);
  if (!ring) return std::unexpected(ring.error());
  auto hash = security::KeyedHash::load(keys.hash_key_file);
  if (!hash) return std::unexpected(hash.error());
  auto verifier = security::TokenVerifier::load(tokens);
  if (!verifier) return std::unexpected(verifier.error());
  return Secrets{security::SealedBox{*ring}, std::move(*hash), std::move(*verifier)};
}

}  // namespace bongsu::host
