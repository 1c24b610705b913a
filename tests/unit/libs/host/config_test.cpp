#include <bongsu/host/config.hpp>
#include <bongsu/host/settings.hpp>

#include <filesystem>
#include <fstream>
#include <map>

#include <gmock/gmock.h>

namespace bongsu::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Limits {
  int requests_per_minute = 100;
  double multiplier = 2.0;
  bool strict = false;
  std::chrono::milliseconds backoff = 1s;
  std::size_t window = 16 * 1024 * 1024;
  std::vector<std::chrono::milliseconds> delays{1min, 5min};
  std::string strategy_name;
  enum class Strategy { kBucket, kWindow } strategy = Strategy::kBucket;
};

struct Settings {
  std::string base_url = "http://127.0.0.1";
  std::string password;
  Limits limits;
};

void bind(Section& section, Limits& limits) {
  section.number("requests-per-minute", limits.requests_per_minute, 1, 1000);
  section.number("multiplier", limits.multiplier, 1.0, 10.0);
  section.flag("strict", limits.strict);
  section.milliseconds("backoff-delay", limits.backoff, 1ms, 1min);
  section.size("window", limits.window, 1024);
  section.durations("retry-delays", limits.delays);
  section.choice("strategy", limits.strategy,
                 {{"token-bucket", Limits::Strategy::kBucket}, {"fixed-window", Limits::Strategy::kWindow}});
}

void bind(Section& section, Settings& settings) {
  section.text("api.base-url", settings.base_url, Presence::kRequired);
  section.secret("api.password", settings.password);
  section.settings("limits", settings.limits);
}

/// Reads the texts as layers, the first the lowest, then the variables.
class World {
 public:
  explicit World(std::vector<std::string> texts, std::map<std::string, std::string> variables = {})
      : reader_(layers(texts), [variables = std::move(variables)](const std::string& name) {
          const auto hit = variables.find(name);
          return hit == variables.end() ? std::nullopt : std::optional{hit->second};
        }) {
    auto root = reader_.root();
    bind(root, settings);
    reader_.refuse_unknown_keys();
  }

  std::vector<std::string> problems() const {
    std::vector<std::string> told;
    for (const auto& problem : reader_.problems()) told.push_back(to_string(problem));
    return told;
  }
  std::string json() const { return reader_.json(); }

  Settings settings;

 private:
  static std::vector<Layer> layers(const std::vector<std::string>& texts) {
    std::vector<Layer> made;
    for (const auto& text : texts) made.push_back({std::to_string(made.size() + 1) + ".yaml", text});
    return made;
  }

  Reader reader_;
};

std::string file_with(std::string_view content) {
  const auto path = testing::TempDir() + "/bongsu_config_test_" +
                    testing::UnitTest::GetInstance()->current_test_info()->name();
  std::ofstream{path} << content;
  return path;
}

TEST(Config, WithoutAnyLayerTheStructsInitializersHold) {
  const World world{{""}};
  EXPECT_THAT(world.problems(), IsEmpty());
  EXPECT_EQ(world.settings.limits.requests_per_minute, 100);
  EXPECT_EQ(world.settings.limits.backoff, 1s);
}

TEST(Config, ALaterLayerReplacesValuesAndMergesSections) {
  const World world{{"api: {base-url: 'http://a'}\nlimits: {requests-per-minute: 5, strict: true}",
                     "limits:\n  requests-per-minute: 60\n  retry-delays: [1s, 500ms]"}};
  EXPECT_THAT(world.problems(), IsEmpty());
  EXPECT_EQ(world.settings.base_url, "http://a");
  EXPECT_EQ(world.settings.limits.requests_per_minute, 60);
  EXPECT_TRUE(world.settings.limits.strict);
  EXPECT_THAT(world.settings.limits.delays, ElementsAre(1s, 500ms));
}

TEST(Config, TheEnvironmentReplacesTheFiles) {
  const World world{{"limits: {requests-per-minute: 5}"},
                    {{"LIMITS_REQUESTS_PER_MINUTE", "7"},
                     {"API_BASE_URL", "http://e"},
                     {"LIMITS_RETRY_DELAYS", "2s, 3s"},
                     {"LIMITS_STRATEGY", "fixed-window"},
                     {"LIMITS_MULTIPLIER", "1.5"},
                     {"LIMITS_WINDOW", "64KiB"},
                     {"LIMITS_BACKOFF_DELAY", "1500"}}};
  EXPECT_THAT(world.problems(), IsEmpty());
  EXPECT_EQ(world.settings.limits.requests_per_minute, 7);
  EXPECT_EQ(world.settings.base_url, "http://e");
  EXPECT_THAT(world.settings.limits.delays, ElementsAre(2s, 3s));
  EXPECT_EQ(world.settings.limits.strategy, Limits::Strategy::kWindow);
  EXPECT_EQ(world.settings.limits.multiplier, 1.5);
  EXPECT_EQ(world.settings.limits.window, 65536);
  EXPECT_EQ(world.settings.limits.backoff, 1500ms);
}

TEST(Config, VariablesAreNamedAsTheContractSays) {
  EXPECT_EQ(variable_of("message.api.kakaotalk.base-url"), "MESSAGE_API_KAKAOTALK_BASE_URL");
}

TEST(Config, AllMistakesAreToldAtOnceWithPathAndPlace) {
  const World world{{"api:\n  base-url: ''\nlimits:\n  requests-per-minute: many\n  strict: yes\n"
                     "  retry-delays: [1m, soon]\n  strategy: hope",
                     "limits:\n  multiplier: 11\n  backoff-delay: 2h"},
                    {{"LIMITS_WINDOW", "1"}}};
  EXPECT_THAT(
      world.problems(),
      testing::UnorderedElementsAre(
          "api.base-url: is required: set it in the file or as API_BASE_URL (1.yaml:2)",
          "limits.requests-per-minute: 'many' is not a whole number (1.yaml:4)",
          "limits.strict: 'yes' is neither true nor false (1.yaml:5)",
          "limits.retry-delays: 'soon' is not a duration with its unit (ms, s, m, h, d), such as 500ms or "
          "30s (1.yaml:6)",
          "limits.strategy: 'hope' is not one of token-bucket, fixed-window (1.yaml:7)",
          "limits.multiplier: 11 is not between 1 and 10 (2.yaml:2)",
          "limits.backoff-delay: 2h is not between 1ms and 1m (2.yaml:3)",
          "limits.window: 1 bytes are not between 1024 and 9223372036854775807 (LIMITS_WINDOW)"));
  EXPECT_EQ(world.settings.limits.requests_per_minute, 100) << "the default stays";
}

TEST(Config, UnknownKeysAreRefusedWithWhatWasProbablyMeant) {
  const World world{{"api:\n  base-ulr: x\nlimit:\n  strict: true\nstrategy: hope\nquite-else: 1"}};
  EXPECT_THAT(world.problems(),
              ElementsAre("api.base-ulr: unknown key; did you mean api.base-url? (1.yaml:2)",
                          "limit: unknown key; did you mean limits? (1.yaml:3)",
                          "strategy: unknown key; did you mean limits.strategy? (1.yaml:5)",
                          "quite-else: unknown key (1.yaml:6)"));
}

TEST(Config, ShapesThatDoNotFitAreMistakes) {
  EXPECT_THAT(World({"limits: 5"}).problems(),
              ElementsAre("limits: must be a section with keys of its own (1.yaml:1)"));
  EXPECT_THAT(World({"limits: {strict: {x: 1}}"}).problems(),
              ElementsAre("limits.strict: must be a value, not a section (1.yaml:1)"));
  EXPECT_THAT(World({"limits: {strict: [true]}"}).problems(),
              ElementsAre("limits.strict: must be a single value, not a list (1.yaml:1)"));
  EXPECT_THAT(World({"limits: {strict: true, strict: false}"}).problems(),
              ElementsAre("limits.strict: given twice (1.yaml:1)"));
  EXPECT_THAT(World({"- a"}).problems(), ElementsAre("not a map of settings (1.yaml)"));
  EXPECT_THAT(World({"a: [b"}).problems(), ElementsAre(HasSubstr("not YAML")));
}

TEST(Config, ANullIsNotGiven) {
  EXPECT_THAT(World({"limits:\napi:\n  base-url:\n  password: ~"}).problems(), IsEmpty());
}

TEST(Config, SecretsComeFromAFileAndAreMasked) {
  const auto path = file_with("s3cret\n");
  const World world{{"api: {password-file: " + path + "}"}};
  EXPECT_THAT(world.problems(), IsEmpty());
  EXPECT_EQ(world.settings.password, "s3cret");
  EXPECT_THAT(world.json(), Not(HasSubstr("s3cret")));
  EXPECT_THAT(world.json(), HasSubstr(R"("password":"***")"));
}

TEST(Config, OfASecretAndItsFileTheLaterLayerCounts) {
  const auto path = file_with("from file");
  EXPECT_EQ(World({"api: {password-file: " + path + "}"}, {{"API_PASSWORD", "direct"}}).settings.password,
            "direct");
  EXPECT_EQ(World({"api: {password: direct}"}, {{"API_PASSWORD_FILE", path}}).settings.password, "from file");
  EXPECT_THAT(World({"api: {password: direct, password-file: " + path + "}"}).problems(),
              ElementsAre(HasSubstr("only one of them may be")));
  EXPECT_THAT(World({"api: {password-file: /nowhere/at/all}"}).problems(),
              ElementsAre(HasSubstr("api.password-file: ")));
}

TEST(Config, TheEffectiveConfigurationIsNestedJson) {
  const World world{{"limits: {strict: true, strategy: fixed-window}"}, {{"API_PASSWORD", "x"}}};
  EXPECT_EQ(world.json(), R"({"api":{"base-url":"http://127.0.0.1","password":"***","password-file":""},)"
                          R"("limits":{"backoff-delay":1000,"multiplier":2,"requests-per-minute":100,)"
                          R"("retry-delays":["1m","5m"],"strategy":"fixed-window","strict":true,)"
                          R"("window":16777216}})");
}

template <class Shared>
std::pair<Shared, Reader> read_shared(std::string yaml) {
  Reader reader{{{"a.yaml", std::move(yaml)}}, [](const std::string&) { return std::nullopt; }};
  Shared shared;
  auto root = reader.root();
  root.settings("x", shared);
  reader.refuse_unknown_keys();
  return {std::move(shared), std::move(reader)};
}

TEST(SharedSettings, OfPostgresMaskAPasswordInTheUri) {
  const auto [settings, reader] = read_shared<postgres::Settings>(
      "x: {uri: 'postgresql://me:s3cret@db:5432/bongsu?password=s3cret&a=b', connections: 7}");
  EXPECT_THAT(reader.problems(), IsEmpty());
  EXPECT_EQ(settings.connections, 7);
  EXPECT_THAT(settings.uri, HasSubstr("s3cret"));
  EXPECT_THAT(reader.json(), HasSubstr("postgresql://me:***@db:5432/bongsu?password=***&a=b"));
}

TEST(SharedSettings, OfKafkaTakeLibrdkafkasSecurityProperties) {
  const auto [settings, reader] = read_shared<host::KafkaSettings>(
      "x: {brokers: 'k:9092', topic-prefix: t., security: {security.protocol: SASL_SSL, sasl.password: pw}}");
  EXPECT_THAT(reader.problems(), IsEmpty());
  EXPECT_EQ(settings.cluster.security.at("security.protocol"), "SASL_SSL");
  EXPECT_EQ(settings.topics().signed_up(), "t.user.signed-up");
  EXPECT_THAT(reader.json(), Not(HasSubstr("pw")));
}

TEST(Address, IsHostAndPort) {
  EXPECT_EQ(parse_address("127.0.0.1:80")->port, 80);
  EXPECT_EQ(parse_address("[::1]:0")->host, "::1");
  for (const auto* text : {"", "80", ":80", "a:", "a:b", "a:65536", "::1:80", "http://a:80", "a:-1"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

}  // namespace
}  // namespace bongsu::config
