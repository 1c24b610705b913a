#pragma once
#include <bongsu/core/private.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/security/keyed_hash.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace bongsu::gateway {

/// A request that may come again.
struct Repeatable {
  std::optional<Uuid> key;  ///< none: without an Idempotency-Key, nothing is remembered
  Uuid body;                ///< of the body that the key belongs to
};

/// Keyed hashes by which private or foreign text is compared, each for one purpose: equal ones tell of
/// equal texts, and nothing else can be read from them. Cut to 128 bits, which fit a uuid column; two
/// texts in 10^15 meet by chance with a probability below 10^-8.
/// Threads: the io_context's one thread. Lifetime: `hash` outlives it.
class Fingerprints {
 public:
  explicit Fingerprints(const security::KeyedHash& hash) : hash_(hash) {}

  /// A key is its caller's own, and belongs to one operation.
  Uuid key(std::string_view caller, std::string_view operation, std::string_view key) const;
  Uuid body(std::string_view fingerprint) const;
  /// Both of a request; an empty `key` is none.
  Repeatable repeatable(std::string_view caller, std::string_view operation, std::string_view key,
                        std::string_view fingerprint) const;
  /// Of the address as email_identity() gives it.
  Uuid email(std::string_view identity) const;
  /// The Kafka key of a message to somebody who is no member: one recipient, one partition.
  std::string recipient(const Recipient& recipient) const;

 private:
  const security::KeyedHash& hash_;
};

}  // namespace bongsu::gateway
