"""Ways in which the stand-in could be wrong, each of which the contract must notice.

A mutation is a function that breaks a freshly loaded stand-in; its name says how. It gets a
function that answers with one of the stand-in's files by name.
"""

import numpy

ALL = []


def mutation(function):
    ALL.append(function)
    return function


# -- Images ------------------------------------------------------------------------------------


@mutation
def top_row_first(file):
    read = file("images").read_file
    file("images").read_file = lambda path, op: read(path, op).changed(lambda c: c[::-1])


@mutation
def pixels_are_mirrored(file):
    read = file("images").read_file
    file("images").read_file = lambda path, op: read(path, op).changed(lambda c: c[:, ::-1])


@mutation
def float_planes_are_clamped(file):
    stored = file("images").stored
    file("images").stored = lambda pixels, depth: stored(numpy.clip(pixels, 0, 1), depth)


@mutation
def eight_bit_planes_keep_fractions(file):
    file("images").stored = lambda pixels, depth: pixels.astype(numpy.float32)


@mutation
def files_are_never_linearized(file):
    file("images").to_linear = lambda values: values


@mutation
def a_missing_file_is_black(file):
    images = file("images")
    cook = images.cook_file

    def forgiving(op):
        try:
            return cook(op)
        except file("cooking").CookError:
            picture = images.Picture(2, 2)
            picture.add("C", numpy.zeros((2, 2, 3)), images.imageDepth.Int8)
            return picture

    kind_of(file, "Cop2", "file").cook = forgiving


@mutation
def numbers_in_file_names_mean_nothing(file):
    file("images")._is_sequence = lambda op, path: False


@mutation
def an_unknown_plane_is_the_colour(file):
    def plane(self, name):
        return self._picture().planes["C"]

    file("images").Cop2Node._plane = plane


@mutation
def interleaving_is_ignored(file):
    pixels = file("images").Cop2Node._pixels
    file("images").Cop2Node._pixels = lambda self, plane, component, interleaved, time: pixels(
        self, plane, component, True, time
    )


@mutation
def pixels_are_numpy_numbers(file):
    cop = file("images").Cop2Node
    pixels = cop._pixels
    cop.allPixels = lambda self, plane="C", component=None, interleaved=True, time=-1.0: tuple(
        pixels(self, plane, component, interleaved, time)
    )


@mutation
def time_is_counted_in_frames(file):
    file("parms").frame_at = lambda time: time


@mutation
def a_dirty_cop_dirties_the_sop(file):
    cop = file("images").Cop2Node
    picture = cop._picture

    def registering(self):
        found = picture(self)
        self._op.read()
        return found

    cop._picture = registering


@mutation
def volumes_hold_the_top_row_first(file):
    lay_out = file("volumes")._laid_out
    file("volumes")._laid_out = lambda pixels, orientation: lay_out(pixels[::-1], orientation)


@mutation
def a_wired_network_does_not_follow(file):
    cooking = file("cooking")
    cooks = file("volumes").cook_image_network

    def deaf(op):
        with file("state").session.computing(None):
            return cooks(op)

    kind_of(file, "Sop", "cop2net").cook = deaf
    assert cooking


@mutation
def layers_start_at_the_top(file):
    layer = file("copernicus").ImageLayer
    layer._of = classmethod(lambda cls, found: flipped(file, found))


def flipped(file, layer):
    found = file("copernicus").ImageLayer()
    found._layer, found._writable = layer.copy(), False
    found._layer.stored = found._layer.stored[::-1].copy()
    return found


@mutation
def layers_follow_their_node(file):
    file("copernicus").Layer.copy = lambda self: self


# -- Geometry ----------------------------------------------------------------------------------


@mutation
def duplicate_attributes_are_accepted(file):
    def new(self, detail, type, name):
        return detail.elements(type)

    file("geometry").Geometry._new_attribute = new


@mutation
def strings_take_their_default(file):
    column = file("geometry").Column
    fresh = column._fresh

    def generous(self, count):
        if self.kind == "string" and not self.is_array:
            return [tuple(self.default) for _ in range(count)]
        return fresh(self, count)

    column._fresh = generous


@mutation
def geometry_can_be_changed_anywhere(file):
    file("geometry").Geometry._changeable = property(lambda self: self._data)


@mutation
def numpy_scalars_are_accepted(file):
    geometry = file("geometry")
    geometry.check_builtin = lambda value: None
    geometry.WHOLE_NUMBERS += (numpy.integer, numpy.bool_)
    floats = geometry.WHOLE_NUMBERS + (float, numpy.floating)
    geometry.DEFAULTS = (("int", geometry.WHOLE_NUMBERS), ("float", floats), ("string", str))


@mutation
def integers_are_good_enough_for_floats(file):
    accepted = file("geometry")._accepted
    file("geometry")._accepted = lambda kind: (int, float) if kind == "float" else accepted(kind)


@mutation
def a_cook_starts_with_what_the_last_one_left(file):
    sops = file("sops")
    fresh = sops.Detail
    left = {}

    def cook(op, source):
        sops.Detail = lambda: left.get(op, fresh())
        try:
            left[op] = original(op, source)
        finally:
            sops.Detail = fresh
        return left[op]

    original, sops.cook_python = sops.cook_python, cook


@mutation
def inputs_are_not_copied_in(file):
    file("sops").input_detail = lambda op, index: None


@mutation
def a_geometry_object_keeps_what_it_saw(file):
    geometry = file("geometry").Geometry
    live = geometry._live.__func__

    def frozen(cls, op):
        handle = live(cls, op)
        handle._own = op.result
        return handle

    geometry._live = classmethod(frozen)


@mutation
def voxels_run_along_z_first(file):
    volume = file("geometry").Volume
    volume.allVoxels = lambda self: tuple(self._face.voxels.transpose(2, 1, 0).ravel().tolist())


@mutation
def voxels_as_bytes_are_none(file):
    file("geometry").Volume.allVoxelsAsString = lambda self: b""


@mutation
def clearing_leaves_everything(file):
    file("geometry").Geometry.clear = lambda self: None


# -- Cooking -----------------------------------------------------------------------------------


@mutation
def every_request_cooks(file):
    cook = file("cooking").cook
    file("cooking").cook = lambda op, force=False: cook(op, True)


@mutation
def own_parameters_do_not_dirty(file):
    file("parms").Channel.stale = lambda self: self.changed()


@mutation
def wires_carry_no_changes(file):
    file("graph").Op.stale = lambda self: setattr(self, "dirty", True)


@mutation
def references_are_not_followed(file):
    file("state").Source.read = lambda self: None


@mutation
def a_cook_depends_on_whatever_it_asks(file):
    file("parms").foreign_to_cook = lambda op: False


@mutation
def a_networks_parameters_dirty_what_is_inside(file):
    op = file("graph").Op
    stale = op.stale

    def eager(self):
        stale(self)
        for child in self.children:
            child.stale()

    op.stale = eager


@mutation
def the_clock_dirties_nobody(file):
    file("state").Clock.changed = lambda self: None


@mutation
def a_failed_cook_is_silent(file):
    file("cooking").raise_failure = lambda op: None


@mutation
def messages_pile_up(file):
    op = file("graph").Op
    op.errors = property(
        lambda self: self.__dict__.get("said", ()),
        lambda self, value: self.__dict__.update(said=self.__dict__.get("said", ()) + value),
    )


@mutation
def a_node_error_has_a_prefix(file):
    file("errors").NodeError.instanceMessage = lambda self: "hou.NodeError: " + self._message


@mutation
def a_warning_loses_the_geometry(file):
    sops = file("sops")
    sops.NodeWarning = type("Nothing", (Exception,), {})


@mutation
def parameters_may_be_set_in_a_cook(file):
    file("cooking").check_not_cooking = lambda what: None


@mutation
def pwd_is_always_the_root(file):
    state = file("state")
    state.session.__class__.inside = lambda self, op: self.computing(
        self.readers[-1] if self.readers else None
    )


@mutation
def a_bypassed_node_cooks_all_the_same(file):
    op = file("graph").Op
    flag = op.flag
    op.flag = lambda self, name: name != "bypass" and flag(self, name)


@mutation
def a_frame_is_its_own_time(file):
    file("late").hou.frameToTime = lambda frame: frame


@mutation
def geometry_of_another_frame_is_that_of_now(file):
    file("nodes").SopNode.geometryAtFrame = lambda self, frame, output_index=0: self.geometry(
        output_index
    ).freeze(read_only=True)


@mutation
def a_layer_of_another_frame_is_that_of_now(file):
    cop = file("copernicus").CopNode
    cop.layerAtFrame = lambda self, frame, output_index=0: self.layer(output_index)


@mutation
def a_switch_does_not_clamp(file):
    sops = file("sops")
    kind_of(file, "Sop", "switch").cook = lambda op: sops.needed(
        op, sops.evaluate(op, "input")
    ).copy()


# -- Nodes, parameters, events, assets -----------------------------------------------------------


@mutation
def deleted_nodes_answer(file):
    file("nodes").NetworkMovableItem._op = property(lambda self: self._held)


@mutation
def names_may_clash(file):
    file("graph").free_name = lambda parent, wanted: wanted


@mutation
def every_node_may_hold_the_render_flag(file):
    file("graph").EXCLUSIVE_FLAGS = ()


@mutation
def unwired_inputs_are_left_out(file):
    node = file("nodes").Node
    inputs = node.inputs
    node.inputs = lambda self: tuple(found for found in inputs(self) if found is not None)


@mutation
def nothing_feeds_a_node(file):
    file("nodes").Node.inputAncestors = lambda self: ()


@mutation
def only_children_are_sub_children(file):
    file("nodes").Node.allSubChildren = lambda self: self.children()


@mutation
def outputs_have_no_names(file):
    file("nodes").Node.outputNames = lambda self: ()


@mutation
def the_version_is_no_number(file):
    file("late").hou.applicationVersionString = lambda: "x"


@mutation
def cached_user_data_stays(file):
    file("nodes").OpNode.destroyCachedUserData = lambda self, name, must_exist=True: None


@mutation
def a_scene_is_always_being_loaded(file):
    file("hipfile").hipFile.isLoadingHipFile = staticmethod(lambda: True)


@mutation
def detail_fails_when_something_is_missing(file):
    def strict(op, path, name, index=0):
        return file("cooking").result(op.find(path)).detail.columns[name].element(0)

    file("expressions").FUNCTIONS["detail"] = strict


@mutation
def variables_are_not_expanded(file):
    file("expressions").expand = lambda op, text, backticks=False: text


@mutation
def locked_parameters_can_be_set(file):
    file("parms").Channel.check_settable = lambda self: self.op.check_editable()


@mutation
def callbacks_are_called_twice(file):
    def add(op, types, function):
        if not types:
            raise file("errors").refuse("No event types were given.")
        op.callbacks.append((tuple(types), function))

    file("events").add = add


@mutation
def callbacks_survive_loading(file):
    hip_file = file("hipfile").hipFile
    load = hip_file.load

    def faithful(file_name, suppress_save_prompt=False, ignore_load_warnings=False):
        session = file("state").session
        kept = {op.path: op.callbacks for op in session.root.all_children()}
        load(file_name, suppress_save_prompt, ignore_load_warnings)
        for op in session.root.all_children():
            op.callbacks = kept.get(op.path, [])

    hip_file.load = staticmethod(faithful)


@mutation
def unused_inputs_are_told_of(file):
    op = file("graph").Op
    stale = op.stale

    def chatty(self):
        for out in self.wired_to():
            file("events").emit(out, "InputDataChanged", input_index=out.index_of(self))
        stale(self)

    op.stale = chatty


@mutation
def locked_assets_can_be_edited(file):
    file("graph").Op.locking_asset = None


@mutation
def a_failing_button_is_silent(file):
    run = file("hda").run_callback

    def quiet(channel, arguments):
        try:
            run(channel, arguments)
        except file("errors").OperationFailed:
            return

    file("hda").run_callback = quiet


@mutation
def an_undo_takes_one_step_back(file):
    file("undo").UndosGroup.__enter__ = lambda self: self
    file("undo").UndosGroup.__exit__ = lambda self, kind, error, trace: None


def kind_of(file, table, name):
    return file("graph").KINDS[table][name]
