{
  "targets": [
    {
      "target_name": "rtnetns",
      "sources": ["<!@(node -p \"require('fs').readdirSync('native').filter((f) => f.endsWith('.cc')).map((f) => 'native/' + f).join(' ')\")"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      # Exceptions, because an environment may end, and any call into it fail, in the middle of handing a result over:
      # what is left of it must be given up, without an end to the process.
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_CPP_EXCEPTIONS_ALL", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++20", "-std=gnu++17", "-std=gnu++1y"],
      "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden"],
      "ldflags": ["-Wl,--gc-sections"]
    },
    {
      "target_name": "rtnetns-sandbox",
      "type": "executable",
      "sources": ["<!@(node -p \"require('fs').readdirSync('native/sandbox').filter((f) => f.endsWith('.c')).map((f) => 'native/sandbox/' + f).join(' ')\")"],
      "defines": ["_GNU_SOURCE"],
      "cflags_c": ["-std=gnu11", "-Wall", "-Wextra", "-Werror"]
    }
  ]
}
