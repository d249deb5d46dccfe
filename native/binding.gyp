{
  "targets": [
    {
      "target_name": "rtnetns",
      "sources": ["<!@(node -p \"require('fs').readdirSync('.', { recursive: true }).filter((f) => f.endsWith('.cc')).join(' ')\")"],
      "include_dirs": [".", "<!(node -p \"require('node-addon-api').include_dir\")"],
      # Exceptions, because an environment may end, and any call into it fail, in the middle of handing a result over:
      # what is left of it must be given up, without an end to the process.
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_CPP_EXCEPTIONS_ALL", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++20", "-std=gnu++17", "-std=gnu++1y"],
      "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden"],
      # Loaded for good, because node unloads an addon with the last worker that used it, and the next one would load it again.
      "ldflags": ["-Wl,--gc-sections", "-Wl,-z,nodelete"]
    },
    {
      "target_name": "rtnetns-sandbox",
      "type": "executable",
      "sources": ["<!@(node -p \"['sandbox', 'common'].map((d) => 'programs/' + d + '/').flatMap((d) => require('fs').readdirSync(d).filter((f) => f.endsWith('.c')).map((f) => d + f)).join(' ')\")"],
      "defines": ["_GNU_SOURCE"],
      "cflags_c": ["-std=gnu11", "-Wall", "-Wextra", "-Werror"]
    },
    {
      "target_name": "rtnetns-exec",
      "type": "executable",
      "sources": ["<!@(node -p \"['exec', 'common'].map((d) => 'programs/' + d + '/').flatMap((d) => require('fs').readdirSync(d).filter((f) => f.endsWith('.c')).map((f) => d + f)).join(' ')\")"],
      "defines": ["_GNU_SOURCE"],
      "cflags_c": ["-std=gnu11", "-Wall", "-Wextra", "-Werror"],
      "conditions": [
        # Without a C library, where its start-up would cost more than all that the program does: see the file.
        ["target_arch == 'x64' or target_arch == 'arm64'", {
          "sources": ["programs/freestanding/runtime.c"],
          "cflags_c": ["-ffreestanding", "-fno-stack-protector", "-U_FORTIFY_SOURCE"],
          "ldflags": ["-static", "-nostdlib", "-no-pie"]
        }]
      ]
    }
  ]
}
