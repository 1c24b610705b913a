#include <bongsu/core/bytes.hpp>
#include <bongsu/security/token.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace bongsu::security {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

const Timestamp kNow = *parse_rfc3339("2026-11-21T12:00:00Z");
const std::string kSecret(32, 's');

std::string base64url(std::string_view text) {
  auto encoded = to_base64(text);
  std::erase(encoded, '=');
  for (char& c : encoded) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return encoded;
}

/// A token with any header and claims, signed by HS256 with any key.
std::string signed_token(const std::string& header, const std::string& claims,
                         std::string_view key = kSecret) {
  const auto text = base64url(header) + "." + base64url(claims);
  std::array<unsigned char, 32> mac{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &length);
  return text + "." + base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

class TokenTest : public ::testing::Test {
 protected:
  TokenTest() {
    std::string pattern = (fs::temp_directory_path() / "bongsu-token-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    write("shared.hs256", to_base64(kSecret) + "\n");
    write_pair("elliptic", EVP_EC_gen("P-256"));
  }
  ~TokenTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream{path(name)} << text; }
  void write_pair(const std::string& id, EVP_PKEY* key) const {
    std::FILE* file = std::fopen(path(id + ".key").c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    file = std::fopen(path(id + ".pub").c_str(), "w");
    PEM_write_PUBKEY(file, key);
    std::fclose(file);
    EVP_PKEY_free(key);
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  TokenVerifier verifier(std::size_t remembered = 100) const {
    return std::move(*TokenVerifier::load({.keys_folder = folder_.string(), .remembered = remembered}));
  }
  NewToken token_by(const std::string& key_file) const {
    return {.key_file = path(key_file),
            .subject = "tester",
            .roles = {"message.send", "job.read"},
            .issued_at = kNow};
  }
  std::string why(const std::string& token) const {
    const auto caller = verifier().verify(token, kNow);
    if (caller) return "accepted";
    EXPECT_EQ(caller.error().code, ErrorCode::kUnauthorized);
    return caller.error().detail;
  }
  static std::string claims(const std::string& rest, const std::string& issuer = R"("bongsu-local")",
                            const std::string& audience = R"("bongsu")") {
    return R"({"iss":)" + issuer + R"(,"aud":)" + audience + "," + rest + "}";
  }

  static constexpr const char* kHeader = R"({"alg":"HS256","typ":"JWT","kid":"shared"})";
  static constexpr const char* kGood = R"("sub":"tester","exp":1800000000)";
  fs::path folder_;
};

TEST_F(TokenTest, AcceptsWhatItMadeByEachKindOfKey) {
  write_pair("rsa", EVP_RSA_gen(2048));
  auto tokens = verifier();
  for (const auto* key : {"elliptic.key", "shared.hs256", "rsa.key"}) {
    const auto token = create_token(token_by(key));
    ASSERT_TRUE(token) << token.error().message;
    const auto caller = tokens.verify(*token, kNow + seconds{10});
    ASSERT_TRUE(caller) << key << ": " << caller.error().message;
    EXPECT_EQ(caller->subject, "tester");
    EXPECT_TRUE(caller->has("job.read"));
    EXPECT_FALSE(caller->has("job.operate"));
  }
}

TEST_F(TokenTest, EndsWithItsLifetimeAlsoWhenRemembered) {
  auto tokens = verifier();
  const auto token = *create_token(token_by("elliptic.key"));
  EXPECT_TRUE(tokens.verify(token, kNow));
  EXPECT_TRUE(tokens.verify(token, kNow + seconds{3599}));
  const auto late = tokens.verify(token, kNow + seconds{3600});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().detail, "expired");
}

TEST_F(TokenTest, RemembersNoMoreThanItsBound) {
  auto tokens = verifier(2);
  for (int i = 0; i < 10; ++i) {
    auto token = token_by("shared.hs256");
    token.subject = "tester" + std::to_string(i % 5);
    EXPECT_EQ(tokens.verify(*create_token(token), kNow)->subject, token.subject);
  }
}

TEST_F(TokenTest, TheKeyDecidesTheAlgorithm) {
  EXPECT_EQ(why(signed_token(kHeader, claims(kGood))), "accepted");
  EXPECT_EQ(why(base64url(R"({"alg":"none","kid":"shared"})") + "." + base64url(claims(kGood)) + "."),
            "algorithm");
  EXPECT_EQ(why(signed_token(R"({"alg":"HS512","kid":"shared"})", claims(kGood))), "algorithm");
  // The classic: a public key taken for a shared secret.
  const auto public_key = *read_file(path("elliptic.pub"));
  EXPECT_EQ(why(signed_token(R"({"alg":"HS256","kid":"elliptic"})", claims(kGood), public_key)), "algorithm");
  EXPECT_EQ(why(signed_token(R"({"alg":"ES256","kid":"elliptic"})", claims(kGood), public_key)), "signature");
}

TEST_F(TokenTest, NeedsAKnownKeyAndItsSignature) {
  EXPECT_EQ(why(signed_token(R"({"alg":"HS256","kid":"other"})", claims(kGood))), "unknown_key");
  EXPECT_EQ(why(signed_token(R"({"alg":"HS256"})", claims(kGood))), "malformed");
  EXPECT_EQ(why(signed_token(kHeader, claims(kGood), std::string(32, 'x'))), "signature");
  auto token = *create_token(token_by("elliptic.key"));
  token[token.find('.') + 5] ^= 1;
  EXPECT_NE(why(token), "accepted");
}

TEST_F(TokenTest, RequiresItsClaims) {
  const auto of = [&](const std::string& text) { return why(signed_token(kHeader, text)); };
  EXPECT_EQ(of(claims(R"("sub":"tester")")), "claims");
  EXPECT_EQ(of(claims(R"("sub":"tester","exp":"1800000000")")), "claims");
  EXPECT_EQ(of(claims(R"("exp":1800000000)")), "claims");
  EXPECT_EQ(of(claims(R"("sub":"","exp":1800000000)")), "claims");
  EXPECT_EQ(of(claims(R"("sub":"tester","exp":1)")), "expired");
  EXPECT_EQ(of(claims(kGood, R"("other")")), "issuer");
  EXPECT_EQ(of(claims(kGood, "7")), "issuer");
  EXPECT_EQ(of(claims(kGood, R"("bongsu-local")", R"("other")")), "audience");
  EXPECT_EQ(of(claims(kGood, R"("bongsu-local")", R"(["other"])")), "audience");
  EXPECT_EQ(of(claims(kGood, R"("bongsu-local")", R"(["other","bongsu"])")), "accepted");
  EXPECT_EQ(of(claims(std::string{kGood} + R"(,"nbf":1799999999)")), "not_yet");
  EXPECT_EQ(of(claims(std::string{kGood} + R"(,"nbf":1)")), "accepted");
  EXPECT_EQ(of(claims(std::string{kGood} + R"(,"roles":"job.read")")), "claims");
  EXPECT_EQ(of(claims(std::string{kGood} + R"(,"roles":[1])")), "claims");
  EXPECT_EQ(of(claims(std::string{kGood} + R"(,"roles":["job.read"])")), "accepted");
}

TEST_F(TokenTest, RefusesWhatIsNoToken) {
  for (const auto* text : {"", ".", "..", "...", "a.b.c", "a b.c.d", "e30.e30.e30", "!.!.!"}) {
    EXPECT_EQ(why(text), "malformed") << text;
  }
  EXPECT_EQ(why(std::string(9000, 'a')), "malformed");
  EXPECT_EQ(why(signed_token(R"({"alg":"HS256","kid":"shared","crit":["exp"]})", claims(kGood))),
            "malformed");
  EXPECT_EQ(why(signed_token(kHeader, claims(kGood)) + std::string("\0x", 2)), "malformed");
}

TEST_F(TokenTest, RefusesKeysThatAreTooWeakOrAbsent) {
  const auto load = [&] { return TokenVerifier::load({.keys_folder = folder_.string()}); };
  write("short.hs256", to_base64("too short"));
  EXPECT_EQ(load().error().detail, path("short.hs256"));
  fs::remove(path("short.hs256"));
  write_pair("small", EVP_RSA_gen(1024));
  EXPECT_EQ(load().error().detail, path("small.pub"));
  fs::remove(path("small.pub"));
  write_pair("curve", EVP_EC_gen("P-384"));
  EXPECT_EQ(load().error().detail, path("curve.pub"));
  fs::remove(path("curve.pub"));
  EXPECT_TRUE(load());
  fs::remove(path("elliptic.pub"));
  fs::remove(path("shared.hs256"));
  EXPECT_EQ(load().error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(TokenVerifier::load({.keys_folder = "/nonexistent"}).error().code, ErrorCode::kNotFound);
}

TEST_F(TokenTest, IsNotMadeWithoutSubjectOrLifetimeOrKey) {
  auto token = token_by("elliptic.key");
  token.subject.clear();
  EXPECT_EQ(create_token(token).error().code, ErrorCode::kInvalidArgument);
  token = token_by("elliptic.key");
  token.lifetime = seconds{0};
  EXPECT_EQ(create_token(token).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(create_token(token_by("absent.key")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(create_token(token_by("elliptic.pub")).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(TokenTest, RolesAreQuotedAsTheyAre) {
  auto token = token_by("shared.hs256");
  token.roles = {R"(x","job.operate)"};
  const auto caller = verifier().verify(*create_token(token), kNow);
  ASSERT_TRUE(caller);
  EXPECT_FALSE(caller->has("job.operate"));
  EXPECT_EQ(caller->roles.size(), 1U);
}

}  // namespace
}  // namespace bongsu::security
