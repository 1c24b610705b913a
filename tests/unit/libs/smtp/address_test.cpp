#include <bongsu/smtp/address.hpp>

#include <string>

#include <gtest/gtest.h>

namespace bongsu::smtp {
namespace {

TEST(Address, OrdinaryMailboxesAreTaken) {
  for (const auto* good : {"hong@example.com", "gil.dong+welcome@mail.example.co.kr", "a@b.cc",
                           "x_y-z@1.example", "o'neil@example.com", "user@xn--hu1b5w.example"})
    EXPECT_TRUE(is_address(good)) << good;
}

TEST(Address, WhatNoServerTakesIsRefused) {
  for (const auto* bad : {"",
                          "@",
                          "hong",
                          "hong@",
                          "@example.com",
                          "hong@example",
                          "hong@@example.com",
                          ".a@example.com",
                          "a..b@example.com",
                          "a.@example.com",
                          "a@-x.com",
                          "a@x-.com",
                          "a@x..com",
                          "a@x.com.",
                          "a b@x.com",
                          "a@x.com\r\nRCPT TO:<b@y.com>",
                          "<a@x.com>",
                          "a@[127.0.0.1]",
                          "\"a b\"@x.com",
                          "홍@example.com",
                          "a@보기.com"})
    EXPECT_FALSE(is_address(bad)) << bad;
}

TEST(Address, LengthsAreBounded) {
  EXPECT_TRUE(is_address(std::string(64, 'a') + "@example.com"));
  EXPECT_FALSE(is_address(std::string(65, 'a') + "@example.com"));
  EXPECT_TRUE(is_address("a@" + std::string(63, 'b') + ".com"));
  EXPECT_FALSE(is_address("a@" + std::string(64, 'b') + ".com"));
  std::string domain = "com";
  while (domain.size() < 250) domain = "abc." + domain;
  EXPECT_TRUE(is_address("a@" + domain));
  EXPECT_FALSE(is_address("a@abc." + domain));
}

}  // namespace
}  // namespace bongsu::smtp
