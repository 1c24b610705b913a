#include "cipher.hpp"

#include <bongsu/core/assert.hpp>

namespace bongsu::security {
namespace {

const EVP_CIPHER* algorithm() {
  static EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  require(fetched != nullptr, "OpenSSL has AES-256-GCM");
  return fetched;
}

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* raw(std::string& text, std::size_t at) {
  return reinterpret_cast<unsigned char*>(text.data() + at);
}

}  // namespace

Cipher::Cipher()
    : sealing_(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free),
      opening_(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free) {
  require(EVP_EncryptInit_ex2(sealing_.get(), algorithm(), nullptr, nullptr, nullptr) == 1 &&
              EVP_DecryptInit_ex2(opening_.get(), algorithm(), nullptr, nullptr, nullptr) == 1,
          "AES-256-GCM starts");
}

void Cipher::seal(const Key& key, std::string_view text, Associated associated,
                  std::span<const unsigned char, kNonce> nonce, std::string& out) const {
  auto* const context = sealing_.get();
  int length = 0;
  bool done = EVP_EncryptInit_ex2(context, nullptr, key.reveal().data(), nonce.data(), nullptr) == 1;
  for (const auto part : associated) {
    done =
        done && EVP_EncryptUpdate(context, nullptr, &length, raw(part), static_cast<int>(part.size())) == 1;
  }
  const auto at = out.size();
  out.resize(at + text.size() + kTag);
  done = done &&
         EVP_EncryptUpdate(context, raw(out, at), &length, raw(text), static_cast<int>(text.size())) == 1 &&
         EVP_EncryptFinal_ex(context, raw(out, at + text.size()), &length) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTag, raw(out, at + text.size())) == 1;
  require(done, "AES-256-GCM seals");
}

std::optional<std::string> Cipher::open(const Key& key, std::string_view sealed,
                                        Associated associated) const {
  auto* const context = opening_.get();
  const auto text = sealed.substr(kNonce, sealed.size() - kNonce - kTag);
  std::string tag{sealed.substr(sealed.size() - kTag)};
  int length = 0;
  bool done = EVP_DecryptInit_ex2(context, nullptr, key.reveal().data(), raw(sealed), nullptr) == 1;
  for (const auto part : associated) {
    done =
        done && EVP_DecryptUpdate(context, nullptr, &length, raw(part), static_cast<int>(part.size())) == 1;
  }
  std::string out(text.size(), '\0');
  done = done &&
         EVP_DecryptUpdate(context, raw(out, 0), &length, raw(text), static_cast<int>(text.size())) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) == 1;
  require(done, "AES-256-GCM computes");
  unsigned char rest[16];
  if (EVP_DecryptFinal_ex(context, rest, &length) == 1) return out;
  wipe(out);  // what does not authenticate is shown to nobody
  return std::nullopt;
}

}  // namespace bongsu::security
