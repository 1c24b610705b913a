#include "cipher.hpp"
#include "compression.hpp"
#include "hmac.hpp"

#include <bongsu/core/assert.hpp>
#include <bongsu/security/sealed_box.hpp>

#include <algorithm>

namespace bongsu::security {
namespace {

constexpr char kVersion = 1;
constexpr char kCompressed = 1;
constexpr std::size_t kLargestText = 16U << 20;

std::string_view view(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::unexpected<Error> not_opened() {
  return fail(ErrorCode::kInvalidArgument,
              "the sealed box does not open: damaged, or of another record or type");
}

}  // namespace

class SealedBox::Parts {
 public:
  explicit Parts(const KeyRing& ring) {
    for (const auto& entry : ring.entries()) {
      // HKDF-Extract needs the ring's key and its id only: done once.
      const auto extracted = Hmac{bytes_of(entry.id)}.of({view(entry.key.reveal())});
      keys_.push_back({entry.id, Hmac{extracted}});
    }
  }

  struct RingKey {
    std::string id;
    Hmac expand;

    /// HKDF-Expand to one block.
    Key for_record(const Uuid& id_of_record) const {
      return Key{expand.of({id_of_record.view(), std::string_view{"\1", 1}})};
    }
  };

  const RingKey& current() const { return keys_.front(); }
  const RingKey* find(std::string_view id) const {
    const auto hit = std::ranges::find(keys_, id, &RingKey::id);
    return hit == keys_.end() ? nullptr : &*hit;
  }

  Compressor compressor;
  Cipher cipher;

 private:
  std::vector<RingKey> keys_;
};

SealedBox::SealedBox(const KeyRing& ring) : parts_(std::make_unique<Parts>(ring)) {}
SealedBox::SealedBox(SealedBox&&) noexcept = default;
SealedBox& SealedBox::operator=(SealedBox&&) noexcept = default;
SealedBox::~SealedBox() = default;

std::string SealedBox::seal(std::string_view plaintext, const Uuid& record_id, std::string_view type,
                            Random& random) const {
  require(plaintext.size() <= kLargestText, "a sealed text has at most 16 MiB");
  const auto& key = parts_->current();
  auto compressed = parts_->compressor.compress(plaintext);
  const auto text = compressed ? std::string_view{*compressed} : plaintext;

  std::string box;
  box.reserve(3 + key.id.size() + Cipher::kNonce + text.size() + Cipher::kTag);
  box.push_back(kVersion);
  box.push_back(static_cast<char>(key.id.size()));
  box.append(key.id);
  box.push_back(compressed ? kCompressed : 0);
  const auto header = box.size();
  std::array<unsigned char, Cipher::kNonce> nonce{};
  random.fill(nonce);
  box.append(view(nonce));
  parts_->cipher.seal(key.for_record(record_id), text,
                      {std::string_view{box}.substr(0, header), record_id.view(), type}, nonce, box);
  if (compressed) wipe(*compressed);
  return box;
}

Result<std::string> SealedBox::open(std::string_view box, const Uuid& record_id,
                                    std::string_view type) const {
  if (box.size() < 2 || box[0] != kVersion) return not_opened();
  const std::size_t header = 3 + static_cast<unsigned char>(box[1]);
  if (box.size() < header + Cipher::kNonce + Cipher::kTag) return not_opened();
  const auto id = box.substr(2, header - 3);
  const auto* const key = parts_->find(id);
  if (key == nullptr) {
    return fail(ErrorCode::kNotFound, "the key that the box was sealed with is not in the ring",
                std::string{id});
  }
  auto text = parts_->cipher.open(key->for_record(record_id), box.substr(header),
                                  {box.substr(0, header), record_id.view(), type});
  if (!text) return not_opened();
  if (box[header - 1] != kCompressed) return std::move(*text);
  auto expanded = parts_->compressor.expand(*text, kLargestText);
  wipe(*text);
  if (!expanded) return not_opened();
  return std::move(*expanded);
}

}  // namespace bongsu::security
