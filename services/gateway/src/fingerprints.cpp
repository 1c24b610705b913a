#include "fingerprints.hpp"

#include <bongsu/core/bytes.hpp>

#include <algorithm>

namespace bongsu::gateway {
namespace {

Uuid cut(const Sha256& hash) {
  std::array<unsigned char, 16> bytes{};
  std::copy_n(hash.begin(), bytes.size(), bytes.begin());
  return Uuid{bytes};
}

}  // namespace

Uuid Fingerprints::key(std::string_view caller, std::string_view operation, std::string_view key) const {
  std::string text;
  text.reserve(caller.size() + operation.size() + key.size() + 2);
  // Neither a subject nor an operation holds a line feed: they come from a token and from us.
  text.append(caller).append("\n").append(operation).append("\n").append(key);
  return cut(hash_.of("gateway.idempotency-key", text));
}

Uuid Fingerprints::body(std::string_view fingerprint) const {
  return cut(hash_.of("gateway.body", fingerprint));
}

Repeatable Fingerprints::repeatable(std::string_view caller, std::string_view operation, std::string_view key,
                                    std::string_view fingerprint) const {
  if (key.empty()) return {};
  return {.key = this->key(caller, operation, key), .body = body(fingerprint)};
}

Uuid Fingerprints::email(std::string_view identity) const { return cut(hash_.of("gateway.email", identity)); }

std::string Fingerprints::recipient(const Recipient& recipient) const {
  const auto hash = cut(hash_.of("recipient", recipient.reveal()));
  return to_hex(hash.view());
}

}  // namespace bongsu::gateway
