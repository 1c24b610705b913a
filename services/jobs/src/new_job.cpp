#include "new_job.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/events/bulk.hpp>
#include <bongsu/events/codec.hpp>

#include <algorithm>
#include <limits>

namespace bongsu::jobs {
namespace {

using rpc::FieldViolation;

constexpr std::size_t kMaxRequestId = 255;
constexpr std::size_t kMaxSubject = 200;
constexpr std::string_view kPrefix = "jobs/";

/// Reads a request's fields and keeps what is wrong with them.
class Fields {
 public:
  explicit Fields(const v1::CreateJobRequest& request) : request_(request), job_(request.job()) {}

  rpc::Answer<NewJob> read() {
    if (!request_.has_job()) refuse("job", "required", "says to whom what is sent");
    read_age_group();
    read_channel();
    read_fallback();
    read_purpose();
    read_message();
    read_subject();
    read_request_id();
    read_count();
    new_.hold = request_.hold();
    if (!violations_.empty()) return rpc::refuse_fields(std::move(violations_));
    return std::move(new_);
  }

 private:
  void refuse(std::string field, std::string reason, std::string description) {
    violations_.push_back({std::move(field), std::move(reason), std::move(description)});
  }

  void read_age_group() {
    if (events::parse_age_group(job_.age_group())) {
      new_.age_group = job_.age_group();
    } else {
      refuse("job.age_group", "unknown_age_group",
             "must be TEENS, TWENTIES, THIRTIES, FORTIES or FIFTIES_PLUS");
    }
  }

  void read_channel() {
    const auto& text = job_.channel();
    if (text.empty() || text == "KAKAO") {
      new_.channel = events::Channel::kKakao;
    } else if (text == "SMS") {
      new_.channel = events::Channel::kSms;
    } else if (text == "EMAIL") {
      new_.channel = events::Channel::kEmail;
    } else {
      refuse("job.channel", "unknown_channel", "must be EMAIL, KAKAO or SMS");
    }
  }

  void read_fallback() {
    const auto& text = job_.fallback();
    if (text == "SMS" || (text.empty() && new_.channel == events::Channel::kKakao)) {
      new_.fallback = events::Channel::kSms;
    } else if (!text.empty() && text != "NONE") {
      refuse("job.fallback", "unknown_fallback", "must be SMS or NONE");
    }
    if (new_.fallback == new_.channel) {
      refuse("job.fallback", "fallback_is_channel",
             "must be another channel than the message's own; use NONE");
    }
  }

  void read_purpose() {
    const auto& own = request_.purpose();
    const auto& jobs = job_.purpose();
    const auto purpose = events::parse_purpose(own.empty() ? jobs : own);
    if (!purpose) {
      refuse("purpose", "unknown_purpose", "must be TRANSACTIONAL or MARKETING");
    } else if (!own.empty() && !jobs.empty() && own != jobs) {
      refuse("job.purpose", "contradiction", "must say the same as purpose, or nothing");
    } else {
      new_.purpose = std::string{events::name_of(*purpose)};
    }
  }

  void read_message() {
    const auto& text = job_.message();
    const auto characters = count_characters(text);
    if (characters == 0) {
      refuse("job.message", "required", "must not be empty");
    } else if (characters > events::kMaxBulkMessage) {
      refuse("job.message", "too_long", "must have at most 10000 characters");
    } else if (text.size() > events::kMaxBulkMessageBytes) {
      refuse("job.message", "too_long", "must have at most 64 KiB");
    } else if (text.find('\0') != std::string::npos) {
      refuse("job.message", "invalid_characters", "must not hold U+0000");
    } else if (const auto checked = events::check_placeholders(text); !checked) {
      refuse("job.message", "unknown_placeholder",
             "holds a placeholder that stands for nothing: {{name}} is the only one");
    }
    new_.message.text = PrivateText{text};
  }

  void read_subject() {
    const auto& subject = job_.subject();
    if (subject.empty()) return;
    if (new_.channel != events::Channel::kEmail) {
      refuse("job.subject", "not_for_this_channel", "is for EMAIL alone");
    } else if (count_characters(subject) > kMaxSubject) {
      refuse("job.subject", "too_long", "must have at most 200 characters");
    } else if (std::ranges::any_of(subject, [](unsigned char c) { return c < 0x20; })) {
      refuse("job.subject", "invalid_characters", "must be one line");
    } else if (!events::check_placeholders(subject)) {
      refuse("job.subject", "unknown_placeholder",
             "holds a placeholder that stands for nothing: {{name}} is the only one");
    }
    new_.message.subject = PrivateText{subject};
  }

  void read_request_id() {
    const auto& id = request_.request_id();
    if (id.empty()) return;
    const bool visible = std::ranges::all_of(id, [](unsigned char c) { return c > 0x20 && c < 0x7F; });
    if (id.size() > kMaxRequestId || !visible) {
      refuse("request_id", "malformed", "must be 1 to 255 visible ASCII characters");
    }
    new_.request_id = id;
  }

  void read_count() {
    if (request_.has_total_count()) {
      const auto total = request_.total_count();
      if (total < 0 || total > std::numeric_limits<std::int32_t>::max())
        refuse("total_count", "out_of_range", "must be a number of members");
      new_.total = total;
    }
    if (request_.has_as_of()) {
      new_.as_of = events::from_proto(request_.as_of());
      if (!new_.as_of) refuse("as_of", "out_of_range", "must be a time between the years 1 and 9999");
    }
  }

  const v1::CreateJobRequest& request_;
  const v1::Job& job_;
  NewJob new_;
  std::vector<FieldViolation> violations_;
};

}  // namespace

rpc::Answer<NewJob> read_new_job(const v1::CreateJobRequest& request) { return Fields{request}.read(); }

std::string body_of(const v1::CreateJobRequest& request) {
  auto body = request;
  body.clear_request_id();
  body.clear_total_count();
  body.clear_as_of();
  return events::encode(body);
}

rpc::Answer<Uuid> read_name(const std::string& name, const std::string& field) {
  if (name.starts_with(kPrefix)) {
    if (const auto id = Uuid::parse(std::string_view{name}.substr(kPrefix.size()))) return *id;
  }
  return rpc::refuse_fields({{field, "malformed", "must be a job's name: jobs/ and a UUID"}});
}

std::string name_of_job(const Uuid& id) { return std::string{kPrefix} + id.str(); }

}  // namespace bongsu::jobs
