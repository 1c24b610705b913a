#include <bongsu/core/bytes.hpp>
#include <bongsu/security/keyed_hash.hpp>
#include <bongsu/security/sealed_box.hpp>

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <rapidcheck/gtest.h>

namespace bongsu::security {
namespace {

const std::string kOldKey = "2026-01:" + to_base64(std::string(32, 'a'));
const std::string kNewKey = "2026-02:" + to_base64(std::string(32, 'b'));
const Uuid kRecord = Uuid::v8(Timestamp{}, "record");
const Uuid kOtherRecord = Uuid::v8(Timestamp{}, "other record");

SealedBox box_with(const std::string& keys) { return SealedBox{*KeyRing::parse(keys)}; }

TEST(KeyRing, SkipsEmptyLinesAndCommentsAndTakesTheFirstAsCurrent) {
  const auto ring = KeyRing::parse("# keys\n\n" + kNewKey + "\r\n" + kOldKey + "\n");
  ASSERT_TRUE(ring);
  ASSERT_EQ(ring->entries().size(), 2U);
  EXPECT_EQ(ring->entries().front().id, "2026-02");
}

TEST(KeyRing, NamesTheLineThatIsWrongAndNeverShowsIt) {
  for (const auto& line :
       {std::string{"no colon"}, std::string{":" + to_base64(std::string(32, 'a'))},
        std::string{"short:c2VjcmV0"}, std::string{"bad id:" + to_base64(std::string(32, 'a'))}, kNewKey}) {
    const auto ring = KeyRing::parse(kNewKey + "\n" + line);
    ASSERT_FALSE(ring) << line;
    EXPECT_TRUE(ring.error().message.starts_with("line 2:")) << ring.error().message;
    EXPECT_EQ(ring.error().message.find("c2VjcmV0"), std::string::npos);
  }
  EXPECT_FALSE(KeyRing::parse("# nothing\n"));
  EXPECT_EQ(KeyRing::load("/nonexistent/keys").error().code, ErrorCode::kNotFound);
}

RC_GTEST_PROP(SealedBoxProperty, OpensAsWhatItWasSealedAs, (const std::string& text, std::uint64_t seed)) {
  SeededRandom random{seed};
  const auto boxes = box_with(kNewKey);
  const auto box = boxes.seal(text, kRecord, "message", random);
  RC_ASSERT(boxes.open(box, kRecord, "message").value() == text);
  RC_ASSERT_FALSE(boxes.open(box, kOtherRecord, "message"));
  RC_ASSERT_FALSE(boxes.open(box, kRecord, "coupon"));
}

RC_GTEST_PROP(SealedBoxProperty, NoFlippedBitOpens, (const std::string& text, std::uint64_t seed)) {
  SeededRandom random{seed};
  const auto boxes = box_with(kNewKey);
  std::string sealed = text;
  if (seed % 4 == 0) sealed.append(1100, 'x');  // long enough to be compressed
  auto box = boxes.seal(sealed, kRecord, "message", random);
  for (std::size_t i = 0; i < box.size(); ++i) {
    const auto bit = static_cast<char>(1 << random.below(8));
    box[i] = static_cast<char>(box[i] ^ bit);
    RC_ASSERT_FALSE(boxes.open(box, kRecord, "message"));
    box[i] = static_cast<char>(box[i] ^ bit);
  }
}

RC_GTEST_PROP(SealedBoxProperty, NoBytesAtAllCrashOrOpen, (const std::string& bytes)) {
  const auto boxes = box_with(kNewKey);
  RC_ASSERT_FALSE(boxes.open(bytes, kRecord, "message"));
  RC_ASSERT_FALSE(boxes.open("\x01\x07" + std::string{"2026-02"} + bytes, kRecord, "message"));
}

TEST(SealedBox, NoTruncationOpens) {
  SeededRandom random{1};
  const auto boxes = box_with(kNewKey);
  const auto box = boxes.seal(std::string(500, 'x'), kRecord, "message", random);
  for (std::size_t size = 0; size < box.size(); ++size) {
    EXPECT_FALSE(boxes.open(std::string_view{box}.substr(0, size), kRecord, "message"));
  }
  EXPECT_FALSE(boxes.open(box + "x", kRecord, "message"));
}

TEST(SealedBox, SealsWithTheCurrentKeyAndOpensWithAllOfTheRing) {
  SeededRandom random{1};
  const auto old_box = box_with(kOldKey).seal("text", kRecord, "message", random);
  EXPECT_EQ(box_with(kNewKey + "\n" + kOldKey).open(old_box, kRecord, "message"), "text");
  const auto lacking = box_with(kNewKey).open(old_box, kRecord, "message");
  ASSERT_FALSE(lacking);
  EXPECT_EQ(lacking.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(lacking.error().detail, "2026-01");
}

TEST(SealedBox, CompressesWhereThatHelpsAndHidesTheText) {
  SeededRandom random{1};
  const auto boxes = box_with(kNewKey);
  std::string text;
  for (int i = 0; i < 100; ++i) text += "안녕하세요, 봉수입니다. ";
  const auto box = boxes.seal(text, kRecord, "message", random);
  EXPECT_LT(box.size(), text.size() / 4);
  EXPECT_EQ(box.find("봉수"), std::string::npos);
  EXPECT_EQ(boxes.open(box, kRecord, "message"), text);
  EXPECT_NE(box, boxes.seal(text, kRecord, "message", random));

  std::string noise(2000, '\0');
  random.fill({reinterpret_cast<unsigned char*>(noise.data()), noise.size()});
  EXPECT_EQ(boxes.seal(noise, kRecord, "message", random).size(), noise.size() + 3 + 7 + 12 + 16);
}

/// The key schedule is HKDF as OpenSSL has it: a box can be opened with its tools alone.
TEST(SealedBox, DerivesItsKeyByHkdf) {
  SeededRandom random{1};
  const auto box = box_with(kNewKey).seal("text", kRecord, "message", random);
  std::string master(32, 'b');
  std::string salt = "2026-02";
  std::string info{kRecord.view()};
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, master.data(), master.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  EVP_KDF* const kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX* const context = EVP_KDF_CTX_new(kdf);
  std::array<unsigned char, 32> key{};
  ASSERT_EQ(EVP_KDF_derive(context, key.data(), key.size(), parameters), 1);
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(kdf);

  const auto* const bytes = reinterpret_cast<const unsigned char*>(box.data());
  EVP_CIPHER_CTX* const cipher = EVP_CIPHER_CTX_new();
  std::array<unsigned char, 4> text{};
  int length = 0;
  EXPECT_EQ(EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nullptr, key.data(), bytes + 10), 1);
  EXPECT_EQ(EVP_DecryptUpdate(cipher, text.data(), &length, bytes + 22, 4), 1);
  EVP_CIPHER_CTX_free(cipher);
  EXPECT_EQ((std::string{text.begin(), text.end()}), "text");
}

TEST(KeyedHash, DependsOnKeyPurposeAndText) {
  const KeyedHash hash{*parse_key(to_base64(std::string(32, 'a')))};
  const KeyedHash other{*parse_key(to_base64(std::string(32, 'b')))};
  EXPECT_EQ(hash.of("email", "a@example.com"), hash.of("email", "a@example.com"));
  EXPECT_NE(hash.of("email", "a@example.com"), hash.of("email", "b@example.com"));
  EXPECT_NE(hash.of("email", "a@example.com"), hash.of("recipient", "a@example.com"));
  EXPECT_NE(hash.of("email", "a@example.com"), other.of("email", "a@example.com"));
}

/// RFC 4231, test case 2 has another key length; this value is from the openssl command.
TEST(KeyedHash, IsHmacSha256OfPurposeZeroText) {
  const KeyedHash hash{*parse_key(to_base64(std::string(32, 'a')))};
  const auto digest = hash.of("p", "t");
  EXPECT_EQ(to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()}),
            "49caa6e0ebc018b1cfaf074bf0d1df4aa5ed62a54a75148f3884e01214e9b691");
}

}  // namespace
}  // namespace bongsu::security
