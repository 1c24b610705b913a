#pragma once
#include "email_channel.hpp"

#include <bongsu/host/channel.hpp>
#include <bongsu/host/config.hpp>
#include <bongsu/smtp/client.hpp>

#include <string>

namespace bongsu::email {

/// What is set about mails.
struct MailSettings {
  smtp::Settings smtp{.url = "smtp://127.0.0.1:1025", .connections = 20, .timeout = std::chrono::seconds{5}};
  Sender sender;
  /// A folder of templates that replaces the built-in ones; empty: those.
  std::string templates_folder;
};

/// Every key, its default and its meaning stand in config.yaml.
struct Settings {
  host::ChannelSettings channel;
  MailSettings mail;
};

void bind(config::Section& root, MailSettings& settings);
void bind(config::Section& root, Settings& settings);

}  // namespace bongsu::email
