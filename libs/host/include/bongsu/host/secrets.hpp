#pragma once
#include <bongsu/host/settings.hpp>
#include <bongsu/security/keyed_hash.hpp>
#include <bongsu/security/sealed_box.hpp>
#include <bongsu/security/token.hpp>

namespace bongsu::host {

/// The keys and tokens of a service that is called from outside.
///
/// Errors: as each one's own load().
/// Threads: the io_context's one thread.
struct Secrets {
  security::SealedBox box;
  security::KeyedHash hash;
  security::TokenVerifier tokens;

  static Result<Secrets> load(const SecuritySettings& keys, const security::TokenSettings& tokens);
};

}  // namespace bongsu::host
