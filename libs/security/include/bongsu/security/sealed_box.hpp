#pragma once
#include <bongsu/core/random.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/security/key.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu::security {

/// The keys that boxes are sealed with: the first seals, all of them open.
///
/// A file, one key a line, `id:base64 of 32 bytes`; empty lines and lines that begin with # are
/// skipped. To change keys, put the new one first and keep the old for as long as its boxes live.
class KeyRing {
 public:
  struct Entry {
    std::string id;
    Key key;
  };

  /// Errors: kNotFound, kUnavailable (the file), kInvalidArgument (a line, with its number).
  static Result<KeyRing> load(const std::string& path);
  static Result<KeyRing> parse(std::string_view text);

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

/// Authenticated encryption of what tells a person: AES-256-GCM under a key of the record's own.
///
/// The box is version (1), length of the key's id, that id, flags, nonce (12), ciphertext, tag (16).
/// The record's key is HKDF-SHA256 (RFC 5869) of the ring's key, with the key's id as salt and the
/// record's id as info. Everything before the nonce, the record's id and the type are authenticated:
/// a box opens only as what it was sealed as. Text is compressed first where that makes it smaller.
///
/// Errors: open() gives kInvalidArgument for what is no box, was changed, or belongs to another record
///   or type, and kNotFound when the ring lacks the key (detail is its id).
/// Threads: the io_context's one thread. Bounds: 16 MiB of plaintext.
class SealedBox {
 public:
  explicit SealedBox(const KeyRing& ring);
  SealedBox(SealedBox&&) noexcept;
  SealedBox& operator=(SealedBox&&) noexcept;
  ~SealedBox();

  std::string seal(std::string_view plaintext, const Uuid& record_id, std::string_view type,
                   Random& random) const;
  Result<std::string> open(std::string_view box, const Uuid& record_id, std::string_view type) const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace bongsu::security
