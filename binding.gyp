# node-gyp looks here. native/binding.gyp has the targets.
{
  "targets": [
    {
      "target_name": "all_targets",
      "type": "none",
      "dependencies": ["native/binding.gyp:rtnetns", "native/binding.gyp:rtnetns-sandbox", "native/binding.gyp:rtnetns-exec"]
    }
  ]
}
