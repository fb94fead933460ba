// Written by `npm run types` from the rule tables in src/: change those, not this.

import type { Capabilities, ProviderId } from "./types.js";

/** Of each provider. */
export const capabilities: Record<ProviderId, Capabilities> = {
  "agents": {
    "calls": {
      "accounts": false,
      "activeTasks": false,
      "addAudio": false,
      "cameraMotions": false,
      "concepts": false,
      "credits": false,
      "delete": false,
      "files": true,
      "list": false,
      "ping": false,
      "upload": true,
      "upscale": false
    },
    "provider": "agents",
    "recovery": "never",
    "requests": {
      "image": {
        "fields": {
          "aspect_ratio": {
            "required": false,
            "type": "enum",
            "values": [
              "3:1",
              "2:1",
              "16:9",
              "3:2",
              "1:1",
              "2:3",
              "9:16",
              "1:2",
              "1:3"
            ]
          },
          "format": {
            "required": false,
            "type": "enum",
            "values": [
              "jpg",
              "png"
            ]
          },
          "image_ref": {
            "max": 9,
            "min": 0,
            "of": {
              "by": [
                "url",
                "id",
                "data",
                "file_id"
              ],
              "type": "media"
            },
            "required": false,
            "type": "list"
          },
          "model": {
            "required": false,
            "type": "text"
          },
          "modify_image_ref": {
            "by": [
              "url",
              "id",
              "data",
              "file_id"
            ],
            "required": false,
            "type": "media"
          },
          "prompt": {
            "max": 6000,
            "min": 1,
            "required": true,
            "type": "text"
          },
          "style": {
            "required": false,
            "type": "enum",
            "values": [
              "auto",
              "manga"
            ]
          },
          "user_id": {
            "required": false,
            "type": "text"
          },
          "web_search": {
            "required": false,
            "type": "boolean"
          }
        },
        "model": "uni-1",
        "models": [
          "uni-1",
          "uni-1-max"
        ]
      },
      "layering": {
        "fields": {
          "media": {
            "by": [
              "url",
              "id",
              "data",
              "file_id"
            ],
            "required": true,
            "type": "media"
          },
          "model": {
            "required": false,
            "type": "text"
          },
          "prompt": {
            "max": 500,
            "min": 1,
            "required": false,
            "type": "text"
          },
          "resolution": {
            "required": false,
            "type": "enum",
            "values": [
              "1k",
              "2k"
            ]
          },
          "user_id": {
            "required": false,
            "type": "text"
          }
        },
        "model": "uni-1",
        "models": [
          "uni-1"
        ]
      },
      "modify_video": {
        "fields": {
          "auto_controls": {
            "required": false,
            "type": "boolean"
          },
          "controls": {
            "fields": {
              "depth": {
                "fields": {
                  "blur": {
                    "max": 1.0,
                    "min": 0.0,
                    "required": false,
                    "type": "number"
                  },
                  "enabled": {
                    "required": false,
                    "type": "boolean"
                  }
                },
                "required": false,
                "type": "object"
              },
              "face": {
                "fields": {
                  "enabled": {
                    "required": false,
                    "type": "boolean"
                  }
                },
                "required": false,
                "type": "object"
              },
              "normals": {
                "fields": {
                  "augmentation": {
                    "max": 1.0,
                    "min": 0.0,
                    "required": false,
                    "type": "number"
                  },
                  "enabled": {
                    "required": false,
                    "type": "boolean"
                  }
                },
                "required": false,
                "type": "object"
              },
              "pose": {
                "fields": {
                  "enabled": {
                    "required": false,
                    "type": "boolean"
                  },
                  "strength": {
                    "required": false,
                    "type": "enum",
                    "values": [
                      "precise",
                      "coarse"
                    ]
                  }
                },
                "required": false,
                "type": "object"
              },
              "trajectory": {
                "fields": {
                  "enabled": {
                    "required": false,
                    "type": "boolean"
                  },
                  "sparsity": {
                    "max": 1.0,
                    "min": 0.0,
                    "required": false,
                    "type": "number"
                  }
                },
                "required": false,
                "type": "object"
              }
            },
            "required": false,
            "type": "object"
          },
          "duration": {
            "required": false,
            "type": "enum",
            "values": [
              "5s",
              "10s"
            ]
          },
          "edit_keyframes": {
            "max": 64,
            "min": 0,
            "of": {
              "by": [
                "url",
                "id",
                "data",
                "file_id"
              ],
              "type": "media"
            },
            "required": false,
            "type": "list"
          },
          "exr_export": {
            "required": false,
            "type": "boolean"
          },
          "first_frame": {
            "by": [
              "url",
              "id",
              "data",
              "file_id"
            ],
            "required": false,
            "type": "media"
          },
          "hdr": {
            "required": false,
            "type": "boolean"
          },
          "keyframe_indexes": {
            "max": null,
            "min": 0,
            "of": {
              "type": "integer"
            },
            "required": false,
            "type": "list"
          },
          "media": {
            "by": [
              "url",
              "id",
              "data",
              "file_id"
            ],
            "required": true,
            "type": "media"
          },
          "mode": {
            "required": false,
            "type": "enum",
            "values": [
              "adhere_1",
              "adhere_2",
              "adhere_3",
              "flex_1",
              "flex_2",
              "flex_3",
              "reimagine_1",
              "reimagine_2",
              "reimagine_3"
            ]
          },
          "model": {
            "required": false,
            "type": "text"
          },
          "prompt": {
            "max": 6000,
            "min": 1,
            "required": true,
            "type": "text"
          },
          "resolution": {
            "required": false,
            "type": "enum",
            "values": [
              "360p",
              "540p",
              "720p",
              "1080p"
            ]
          },
          "user_id": {
            "required": false,
            "type": "text"
          }
        },
        "model": "ray-3.2",
        "models": [
          "ray-3.2"
        ]
      },
      "reframe_video": {
        "fields": {
          "aspect_ratio": {
            "required": false,
            "type": "enum",
            "values": [
              "9:16",
              "3:4",
              "1:1",
              "4:3",
              "16:9",
              "21:9"
            ]
          },
          "media": {
            "by": [
              "url",
              "id",
              "data",
              "file_id"
            ],
            "required": true,
            "type": "media"
          },
          "model": {
            "required": false,
            "type": "text"
          },
          "prompt": {
            "max": 6000,
            "min": 1,
            "required": true,
            "type": "text"
          },
          "resolution": {
            "required": false,
            "type": "enum",
            "values": [
              "360p",
              "540p",
              "720p",
              "1080p"
            ]
          },
          "source_position": {
            "fields": {
              "h_norm": {
                "max": 2.0,
                "required": true,
                "type": "number"
              },
              "w_norm": {
                "max": 2.0,
                "required": true,
                "type": "number"
              },
              "x_norm": {
                "required": true,
                "type": "number"
              },
              "y_norm": {
                "required": true,
                "type": "number"
              }
            },
            "required": false,
            "type": "object"
          },
          "user_id": {
            "required": false,
            "type": "text"
          }
        },
        "model": "ray-3.2",
        "models": [
          "ray-3.2"
        ]
      },
      "video": {
        "fields": {
          "aspect_ratio": {
            "required": false,
            "type": "enum",
            "values": [
              "9:16",
              "3:4",
              "1:1",
              "4:3",
              "16:9",
              "21:9"
            ]
          },
          "duration": {
            "required": false,
            "type": "enum",
            "values": [
              "5s",
              "10s"
            ]
          },
          "exr_export": {
            "required": false,
            "type": "boolean"
          },
          "hdr": {
            "required": false,
            "type": "boolean"
          },
          "keyframe_indexes": {
            "max": null,
            "min": 0,
            "of": {
              "type": "integer"
            },
            "required": false,
            "type": "list"
          },
          "keyframes": {
            "of": [
              {
                "fields": {
                  "frame0": {
                    "by": [
                      "url",
                      "id",
                      "data",
                      "file_id"
                    ],
                    "required": false,
                    "type": "media"
                  },
                  "frame1": {
                    "by": [
                      "url",
                      "id",
                      "data",
                      "file_id"
                    ],
                    "required": false,
                    "type": "media"
                  }
                },
                "type": "object"
              },
              {
                "max": 64,
                "min": 1,
                "of": {
                  "by": [
                    "url",
                    "id",
                    "data",
                    "file_id"
                  ],
                  "type": "media"
                },
                "type": "list"
              }
            ],
            "required": false,
            "type": "one_of"
          },
          "loop": {
            "required": false,
            "type": "boolean"
          },
          "model": {
            "required": false,
            "type": "text"
          },
          "prompt": {
            "max": 6000,
            "min": 1,
            "required": true,
            "type": "text"
          },
          "resolution": {
            "required": false,
            "type": "enum",
            "values": [
              "360p",
              "540p",
              "720p",
              "1080p"
            ]
          },
          "user_id": {
            "required": false,
            "type": "text"
          }
        },
        "model": "ray-3.2",
        "models": [
          "ray-3.2"
        ]
      }
    },
    "upload": "bytes"
  },
  "dream-machine": {
    "calls": {
      "accounts": false,
      "activeTasks": false,
      "addAudio": true,
      "cameraMotions": true,
      "concepts": true,
      "credits": true,
      "delete": true,
      "files": false,
      "list": true,
      "ping": true,
      "upload": false,
      "upscale": true
    },
    "provider": "dream-machine",
    "recovery": "always",
    "requests": {
      "add_audio": {
        "fields": {
          "callback_url": {
            "required": false,
            "type": "url"
          },
          "negative_prompt": {
            "max": 5000,
            "min": 0,
            "required": false,
            "type": "text"
          },
          "prompt": {
            "max": 5000,
            "min": 0,
            "required": false,
            "type": "text"
          }
        },
        "model": null,
        "models": [
          "ray-2",
          "ray-flash-2"
        ]
      },
      "image": {
        "fields": {
          "aspect_ratio": {
            "required": false,
            "type": "enum",
            "values": [
              "1:1",
              "16:9",
              "9:16",
              "4:3",
              "3:4",
              "21:9",
              "9:21"
            ]
          },
          "callback_url": {
            "required": false,
            "type": "url"
          },
          "character_ref": {
            "fields": {
              "identity0": {
                "fields": {
                  "images": {
                    "max": 4,
                    "min": 1,
                    "of": {
                      "type": "url"
                    },
                    "required": true,
                    "type": "list"
                  }
                },
                "required": true,
                "type": "object"
              }
            },
            "required": false,
            "type": "object"
          },
          "format": {
            "required": false,
            "type": "enum",
            "values": [
              "jpg",
              "png"
            ]
          },
          "image_ref": {
            "max": 4,
            "min": 0,
            "of": {
              "fields": {
                "url": {
                  "required": true,
                  "type": "url"
                },
                "weight": {
                  "max": 1.0,
                  "min": 0.0,
                  "required": false,
                  "type": "number"
                }
              },
              "type": "object"
            },
            "required": false,
            "type": "list"
          },
          "model": {
            "required": false,
            "type": "text"
          },
          "modify_image_ref": {
            "fields": {
              "url": {
                "required": true,
                "type": "url"
              },
              "weight": {
                "max": 1.0,
                "min": 0.0,
                "required": false,
                "type": "number"
              }
            },
            "required": false,
            "type": "object"
          },
          "prompt": {
            "max": 5000,
            "min": 3,
            "required": true,
            "type": "text"
          },
          "style_ref": {
            "max": null,
            "min": 0,
            "of": {
              "fields": {
                "url": {
                  "required": true,
                  "type": "url"
                },
                "weight": {
                  "max": 1.0,
                  "min": 0.0,
                  "required": false,
                  "type": "number"
                }
              },
              "type": "object"
            },
            "required": false,
            "type": "list"
          },
          "sync": {
            "required": false,
            "type": "boolean"
          },
          "sync_timeout": {
            "min": 0.0,
            "required": false,
            "type": "number"
          }
        },
        "model": "photon-1",
        "models": [
          "photon-1",
          "photon-flash-1"
        ]
      },
      "modify_video": {
        "fields": {
          "callback_url": {
            "required": false,
            "type": "url"
          },
          "first_frame": {
            "fields": {
              "url": {
                "required": true,
                "type": "url"
              }
            },
            "required": false,
            "type": "object"
          },
          "media": {
            "fields": {
              "url": {
                "required": true,
                "type": "url"
              }
            },
            "required": true,
            "type": "object"
          },
          "mode": {
            "required": true,
            "type": "enum",
            "values": [
              "adhere_1",
              "adhere_2",
              "adhere_3",
              "flex_1",
              "flex_2",
              "flex_3",
              "reimagine_1",
              "reimagine_2",
              "reimagine_3"
            ]
          },
          "model": {
            "required": true,
            "type": "text"
          },
          "prompt": {
            "max": 5000,
            "min": 0,
            "required": false,
            "type": "text"
          }
        },
        "model": null,
        "models": [
          "ray-2",
          "ray-flash-2"
        ]
      },
      "reframe_image": {
        "fields": {
          "aspect_ratio": {
            "required": true,
            "type": "enum",
            "values": [
              "1:1",
              "16:9",
              "9:16",
              "4:3",
              "3:4",
              "21:9",
              "9:21"
            ]
          },
          "callback_url": {
            "required": false,
            "type": "url"
          },
          "format": {
            "required": false,
            "type": "enum",
            "values": [
              "jpg",
              "png"
            ]
          },
          "grid_position_x": {
            "required": false,
            "type": "integer"
          },
          "grid_position_y": {
            "required": false,
            "type": "integer"
          },
          "media": {
            "fields": {
              "url": {
                "required": true,
                "type": "url"
              }
            },
            "required": true,
            "type": "object"
          },
          "model": {
            "required": true,
            "type": "text"
          },
          "prompt": {
            "max": 5000,
            "min": 0,
            "required": false,
            "type": "text"
          },
          "resized_height": {
            "required": false,
            "type": "integer"
          },
          "resized_width": {
            "required": false,
            "type": "integer"
          },
          "x_end": {
            "required": false,
            "type": "integer"
          },
          "x_start": {
            "required": false,
            "type": "integer"
          },
          "y_end": {
            "required": false,
            "type": "integer"
          },
          "y_start": {
            "required": false,
            "type": "integer"
          }
        },
        "model": null,
        "models": [
          "photon-1",
          "photon-flash-1"
        ]
      },
      "reframe_video": {
        "fields": {
          "aspect_ratio": {
            "required": true,
            "type": "enum",
            "values": [
              "1:1",
              "16:9",
              "9:16",
              "4:3",
              "3:4",
              "21:9",
              "9:21"
            ]
          },
          "callback_url": {
            "required": false,
            "type": "url"
          },
          "first_frame": {
            "fields": {
              "url": {
                "required": true,
                "type": "url"
              }
            },
            "required": false,
            "type": "object"
          },
          "grid_position_x": {
            "required": false,
            "type": "integer"
          },
          "grid_position_y": {
            "required": false,
            "type": "integer"
          },
          "media": {
            "fields": {
              "url": {
                "required": true,
                "type": "url"
              }
            },
            "required": true,
            "type": "object"
          },
          "model": {
            "required": true,
            "type": "text"
          },
          "prompt": {
            "max": 5000,
            "min": 0,
            "required": false,
            "type": "text"
          },
          "resized_height": {
            "required": false,
            "type": "integer"
          },
          "resized_width": {
            "required": false,
            "type": "integer"
          },
          "x_end": {
            "required": false,
            "type": "integer"
          },
          "x_start": {
            "required": false,
            "type": "integer"
          },
          "y_end": {
            "required": false,
            "type": "integer"
          },
          "y_start": {
            "required": false,
            "type": "integer"
          }
        },
        "model": null,
        "models": [
          "ray-2",
          "ray-flash-2"
        ]
      },
      "upscale_video": {
        "fields": {
          "callback_url": {
            "required": false,
            "type": "url"
          },
          "resolution": {
            "required": false,
            "type": "enum",
            "values": [
              "540p",
              "720p",
              "1080p",
              "4k"
            ]
          }
        },
        "model": null,
        "models": [
          "ray-2",
          "ray-flash-2"
        ]
      },
      "video": {
        "fields": {
          "aspect_ratio": {
            "required": false,
            "type": "enum",
            "values": [
              "1:1",
              "16:9",
              "9:16",
              "4:3",
              "3:4",
              "21:9",
              "9:21"
            ]
          },
          "callback_url": {
            "required": false,
            "type": "url"
          },
          "concepts": {
            "max": null,
            "min": 0,
            "of": {
              "fields": {
                "key": {
                  "required": true,
                  "type": "text"
                }
              },
              "type": "object"
            },
            "required": false,
            "type": "list"
          },
          "duration": {
            "required": false,
            "type": "enum",
            "values": [
              "5s",
              "9s"
            ]
          },
          "keyframes": {
            "fields": {
              "frame0": {
                "required": false,
                "type": "tagged",
                "variants": {
                  "generation": {
                    "id": {
                      "required": true,
                      "type": "id"
                    }
                  },
                  "image": {
                    "url": {
                      "required": true,
                      "type": "url"
                    }
                  }
                }
              },
              "frame1": {
                "required": false,
                "type": "tagged",
                "variants": {
                  "generation": {
                    "id": {
                      "required": true,
                      "type": "id"
                    }
                  },
                  "image": {
                    "url": {
                      "required": true,
                      "type": "url"
                    }
                  }
                }
              }
            },
            "required": false,
            "type": "object"
          },
          "loop": {
            "required": false,
            "type": "boolean"
          },
          "model": {
            "required": false,
            "type": "text"
          },
          "prompt": {
            "max": 5000,
            "min": 3,
            "required": false,
            "type": "text"
          },
          "resolution": {
            "required": false,
            "type": "enum",
            "values": [
              "540p",
              "720p",
              "1080p",
              "4k"
            ]
          }
        },
        "model": "ray-2",
        "models": [
          "ray-2",
          "ray-flash-2",
          "ray-1-6"
        ]
      }
    },
    "upload": null
  },
  "piapi": {
    "calls": {
      "accounts": false,
      "activeTasks": true,
      "addAudio": false,
      "cameraMotions": false,
      "concepts": false,
      "credits": true,
      "delete": true,
      "files": false,
      "list": true,
      "ping": true,
      "upload": true,
      "upscale": false
    },
    "provider": "piapi",
    "recovery": "unique",
    "requests": {
      "video": {
        "fields": {
          "aspect_ratio": {
            "required": false,
            "type": "enum",
            "values": [
              "1:1",
              "16:9",
              "9:16",
              "4:3",
              "3:4",
              "21:9",
              "9:21"
            ]
          },
          "callback_secret": {
            "required": false,
            "type": "text"
          },
          "callback_url": {
            "required": false,
            "type": "url"
          },
          "duration": {
            "required": false,
            "type": "enum",
            "values": [
              "5s",
              "9s",
              "10s"
            ]
          },
          "keyframes": {
            "fields": {
              "frame0": {
                "by": [
                  "url"
                ],
                "required": false,
                "type": "media"
              },
              "frame1": {
                "by": [
                  "url"
                ],
                "required": false,
                "type": "media"
              }
            },
            "required": false,
            "type": "object"
          },
          "loop": {
            "required": false,
            "type": "boolean"
          },
          "model": {
            "required": false,
            "type": "text"
          },
          "prompt": {
            "max": null,
            "min": 1,
            "required": true,
            "type": "text"
          },
          "service_mode": {
            "required": false,
            "type": "enum",
            "values": [
              "public",
              "private"
            ]
          }
        },
        "model": "ray-v2",
        "models": [
          "ray-v2",
          "ray-2"
        ]
      }
    },
    "upload": "base64"
  },
  "useapi": {
    "calls": {
      "accounts": true,
      "activeTasks": true,
      "addAudio": false,
      "cameraMotions": false,
      "concepts": false,
      "credits": true,
      "delete": false,
      "files": false,
      "list": true,
      "ping": true,
      "upload": true,
      "upscale": false
    },
    "provider": "useapi",
    "recovery": "unique",
    "requests": {
      "image": {
        "fields": {
          "aspect_ratio": {
            "required": false,
            "type": "enum",
            "values": [
              "9:16",
              "3:4",
              "1:1",
              "4:3",
              "16:9",
              "21:9"
            ]
          },
          "callback_ref": {
            "required": false,
            "type": "text"
          },
          "callback_url": {
            "required": false,
            "type": "url"
          },
          "email": {
            "required": false,
            "type": "text"
          },
          "image_ref": {
            "max": 4,
            "min": 0,
            "of": {
              "by": [
                "file_id"
              ],
              "type": "media"
            },
            "required": false,
            "type": "list"
          },
          "model": {
            "required": false,
            "type": "text"
          },
          "prompt": {
            "max": 2000,
            "min": 1,
            "required": true,
            "type": "text"
          },
          "resolution": {
            "required": false,
            "type": "enum",
            "values": [
              "720p",
              "1080p"
            ]
          }
        },
        "model": "photon-v2",
        "models": [
          "photon-v2",
          "image-v2"
        ]
      },
      "video": {
        "fields": {
          "aspect_ratio": {
            "required": false,
            "type": "enum",
            "values": [
              "9:16",
              "3:4",
              "1:1",
              "4:3",
              "16:9",
              "21:9"
            ]
          },
          "callback_ref": {
            "required": false,
            "type": "text"
          },
          "callback_url": {
            "required": false,
            "type": "url"
          },
          "character_ref": {
            "fields": {
              "identity0": {
                "fields": {
                  "images": {
                    "max": 1,
                    "min": 1,
                    "of": {
                      "by": [
                        "file_id"
                      ],
                      "type": "media"
                    },
                    "required": true,
                    "type": "list"
                  }
                },
                "required": true,
                "type": "object"
              }
            },
            "required": false,
            "type": "object"
          },
          "duration": {
            "required": false,
            "type": "enum",
            "values": [
              "5s",
              "10s"
            ]
          },
          "email": {
            "required": false,
            "type": "text"
          },
          "exr_export": {
            "required": false,
            "type": "boolean"
          },
          "hdr": {
            "required": false,
            "type": "boolean"
          },
          "keyframes": {
            "fields": {
              "frame0": {
                "by": [
                  "file_id"
                ],
                "required": false,
                "type": "media"
              },
              "frame1": {
                "by": [
                  "file_id"
                ],
                "required": false,
                "type": "media"
              }
            },
            "required": false,
            "type": "object"
          },
          "model": {
            "required": false,
            "type": "text"
          },
          "prompt": {
            "max": null,
            "min": 1,
            "required": true,
            "type": "text"
          },
          "resolution": {
            "required": false,
            "type": "enum",
            "values": [
              "draft",
              "540p",
              "720p",
              "1080p"
            ]
          }
        },
        "model": "ray-v3-flash",
        "models": [
          "ray-v3-flash",
          "ray-v3",
          "ray-v3-reasoning"
        ]
      }
    },
    "upload": "bytes"
  }
};

/** With the option `schema: "2025"`, where that makes a difference. */
export const schema2025: Partial<Record<ProviderId, Capabilities>> = {
  "piapi": {
    "calls": {
      "accounts": false,
      "activeTasks": true,
      "addAudio": false,
      "cameraMotions": false,
      "concepts": false,
      "credits": true,
      "delete": true,
      "files": false,
      "list": true,
      "ping": true,
      "upload": true,
      "upscale": false
    },
    "provider": "piapi",
    "recovery": "unique",
    "requests": {
      "video": {
        "fields": {
          "aspect_ratio": {
            "required": false,
            "type": "enum",
            "values": [
              "1:1",
              "16:9",
              "9:16",
              "4:3",
              "3:4",
              "21:9"
            ]
          },
          "callback_secret": {
            "required": false,
            "type": "text"
          },
          "callback_url": {
            "required": false,
            "type": "url"
          },
          "duration": {
            "required": false,
            "type": "enum",
            "values": [
              "5s",
              "9s",
              "10s"
            ]
          },
          "keyframes": {
            "fields": {
              "frame0": {
                "by": [
                  "url",
                  "id"
                ],
                "required": false,
                "type": "media"
              },
              "frame1": {
                "by": [
                  "url",
                  "id"
                ],
                "required": false,
                "type": "media"
              }
            },
            "required": false,
            "type": "object"
          },
          "model": {
            "required": false,
            "type": "text"
          },
          "prompt": {
            "max": null,
            "min": 1,
            "required": true,
            "type": "text"
          },
          "service_mode": {
            "required": false,
            "type": "enum",
            "values": [
              "public",
              "private"
            ]
          }
        },
        "model": "ray-v2",
        "models": [
          "ray-v2",
          "ray-2",
          "ray-v1",
          "ray-1-6"
        ]
      }
    },
    "upload": "base64"
  }
};
