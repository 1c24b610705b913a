#include "environment.hpp"

#include <gtest/gtest.h>

namespace bongsu::ctl {
namespace {

TEST(EnvironmentFile, IsReadAsAShellWould) {
  const auto values = parse_environment_file(
      "# where things are\n"
      "BONGSU_KAFKA=127.0.0.1:9092\n"
      "export BONGSU_POSTGRES='postgresql://admin@127.0.0.1:5433/bongsu?a=b'\r\n"
      "  BONGSU_GATEWAY=\"http://127.0.0.1:8080\"\n"
      "not an assignment\n"
      "BONGSU_EMPTY=");
  EXPECT_EQ(values, (std::map<std::string, std::string>{
                        {"BONGSU_KAFKA", "127.0.0.1:9092"},
                        {"BONGSU_POSTGRES", "postgresql://admin@127.0.0.1:5433/bongsu?a=b"},
                        {"BONGSU_GATEWAY", "http://127.0.0.1:8080"},
                        {"BONGSU_EMPTY", ""}}));
}

TEST(Environment, AFlagGoesBeforeAVariableAndAVariableBeforeTheFile) {
  const Environment environment{{{"A", "variable"}, {"B", ""}}, {{"A", "file"}, {"B", "file"}, {"C", ""}}};
  EXPECT_EQ(environment.find("flag", "A"), "flag");
  EXPECT_EQ(environment.find("", "A"), "variable");
  EXPECT_EQ(environment.find("", "B"), "file");
  EXPECT_EQ(environment.find("", "C"), std::nullopt);
  EXPECT_EQ(environment.find("", "D"), std::nullopt);
}

}  // namespace
}  // namespace bongsu::ctl
